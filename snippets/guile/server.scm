(use-modules (ice-9 rdelim))

(define IPPROTO_MPTCP 262)
(define no-mptcp (list EINVAL EPROTONOSUPPORT ENOPROTOOPT))

(define (stream-socket)
  "A Multipath TCP socket, or a TCP socket where there is none."
  (catch 'system-error
    (lambda ()
      (socket AF_INET SOCK_STREAM IPPROTO_MPTCP))
    (lambda error
      (define errno (system-error-errno error))
      (unless (memv errno no-mptcp)
        (apply throw error))
      (format #t "no Multipath TCP here (~a), so TCP~%" (strerror errno))
      (socket AF_INET SOCK_STREAM IPPROTO_TCP))))

(define (say . parts)
  "Show a line at once."
  (for-each display parts)
  (force-output))

(define (greet connection address)
  (let ((line (read-line connection 'concat)))
    (unless (eof-object? line)
      (say address " says: " line)
      (display (format #f "hello ~a, I am guile~%" address) connection))))

(define listener (stream-socket))
(setsockopt listener SOL_SOCKET SO_REUSEADDR 1)
(bind listener AF_INET INADDR_ANY 8262)
(listen listener 16)
(say "listening on port 8262\n")
(sigaction SIGPIPE SIG_IGN)

;; A Multipath TCP listener takes TCP clients too, so nobody is shut out.
(while #t
  (let* ((accepted (accept listener))
         (address (inet-ntop AF_INET (sockaddr:addr (cdr accepted)))))
    ;; A client that left early is no reason to end: the next one is welcome.
    (false-if-exception (greet (car accepted) address))
    (false-if-exception (close-port (car accepted)))))
