(use-modules (ice-9 rdelim))

(define IPPROTO_MPTCP 262)    ; Guile has no name for it

;; What `socket' fails with where Multipath TCP is not to be had:
(define no-mptcp
  (list EINVAL                ; a kernel before 5.6
        EPROTONOSUPPORT       ; built without it
        ENOPROTOOPT))         ; switched off: net.mptcp.enabled=0

(define (stream-socket)
  "A Multipath TCP socket, or a TCP socket where there is none."
  (catch 'system-error
    (lambda ()
      ;; The one change: the third argument.
      (socket AF_INET SOCK_STREAM IPPROTO_MPTCP))
    (lambda error
      (define errno (system-error-errno error))
      (unless (memv errno no-mptcp)
        (apply throw error))
      (format #t "no Multipath TCP here (~a), so TCP~%" (strerror errno))
      (socket AF_INET SOCK_STREAM IPPROTO_TCP))))

(define server
  (car (getaddrinfo "server.lab" "8262" 0 AF_INET SOCK_STREAM)))

(define connection (stream-socket))
(connect connection (addrinfo:addr server))
(display "hello from guile\n" connection)
(display (read-line connection 'concat))
(close-port connection)
