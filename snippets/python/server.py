import errno
import socket

NO_MPTCP = (errno.EINVAL, errno.EPROTONOSUPPORT, errno.ENOPROTOOPT)


def stream_socket():
    """A Multipath TCP socket, or a TCP socket where there is none."""
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
    except OSError as error:
        if error.errno not in NO_MPTCP:
            raise
        print(f"no Multipath TCP here ({error.strerror}), so TCP")
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


with stream_socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", 8262))
    listener.listen()
    print("listening on port 8262")

    # A Multipath TCP listener takes TCP clients too, so nobody is shut out.
    while True:
        connection, (address, _) = listener.accept()
        with connection:
            try:
                print(f"{address} says: {connection.makefile().readline()}", end="")
                connection.sendall(f"hello {address}, I am python\n".encode())
            except ConnectionError as error:
                print(f"{address} broke off: {error.strerror}")
