(require :sb-bsd-sockets)
(use-package :sb-bsd-sockets)

(defconstant ipproto-mptcp 262)
(defparameter *no-mptcp* '(22 92 93))   ; EINVAL, ENOPROTOOPT, EPROTONOSUPPORT

(defun stream-socket ()
  "A Multipath TCP socket, or a TCP socket where there is none."
  (handler-case
      (make-instance 'inet-socket :type :stream :protocol ipproto-mptcp)
    (socket-error (problem)
      (unless (member (sb-bsd-sockets::socket-error-errno problem) *no-mptcp*)
        (error problem))
      (format t "no Multipath TCP here, so TCP~%")
      (make-instance 'inet-socket :type :stream :protocol :tcp))))

(defun say (&rest format)
  "Show a line at once."
  (apply #'format t format)
  (finish-output))

(defun greet (socket address)
  (with-open-stream (connection (socket-make-stream socket :input t :output t :buffering :line))
    (let ((name (format nil "~{~d~^.~}" (coerce address 'list))))
      (say "~a says: ~a~%" name (read-line connection))
      (format connection "hello ~a, I am lisp~%" name))))

(let ((listener (stream-socket)))
  (setf (sockopt-reuse-address listener) t)
  (socket-bind listener #(0 0 0 0) 8262)
  (socket-listen listener 16)
  (say "listening on port 8262~%")

  ;; A Multipath TCP listener takes TCP clients too, so nobody is shut out.
  (loop
    (multiple-value-bind (socket address) (socket-accept listener)
      (handler-case (greet socket address)
        (stream-error () nil)))))       ; this client left early; the next one is welcome
