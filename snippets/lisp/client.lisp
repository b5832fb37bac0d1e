(require :sb-bsd-sockets)
(use-package :sb-bsd-sockets)

(defconstant ipproto-mptcp 262)         ; SBCL has no name for it

;; What socket(2) fails with where Multipath TCP is not to be had:
(defparameter *no-mptcp*
  '(22                                  ; EINVAL: a kernel before 5.6
    92                                  ; ENOPROTOOPT: switched off, net.mptcp.enabled=0
    93))                                ; EPROTONOSUPPORT: built without it

(defun stream-socket ()
  "A Multipath TCP socket, or a TCP socket where there is none."
  (handler-case
      ;; The one change: the protocol.
      (make-instance 'inet-socket :type :stream :protocol ipproto-mptcp)
    (socket-error (problem)
      (unless (member (sb-bsd-sockets::socket-error-errno problem) *no-mptcp*)
        (error problem))
      (format t "no Multipath TCP here, so TCP~%")
      (make-instance 'inet-socket :type :stream :protocol :tcp))))

(let* ((server (host-ent-address (get-host-by-name "server.lab")))
       (socket (stream-socket))
       (connection (socket-make-stream socket :input t :output t :buffering :line)))
  (socket-connect socket server 8262)
  (write-line "hello from lisp" connection)
  (write-line (read-line connection))
  (close connection))
