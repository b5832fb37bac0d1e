import errno
import socket

# What socket() answers where Multipath TCP is not to be had:
NO_MPTCP = (
    errno.EINVAL,  # a kernel before 5.6
    errno.EPROTONOSUPPORT,  # built without it
    errno.ENOPROTOOPT,  # switched off: net.mptcp.enabled=0
)


def stream_socket():
    """A Multipath TCP socket, or a TCP socket where there is none."""
    try:
        # The one change: the third argument.
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
    except OSError as error:
        if error.errno not in NO_MPTCP:
            raise
        print(f"no Multipath TCP here ({error.strerror}), so TCP")
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


with stream_socket() as connection:
    connection.connect(("server.lab", 8262))
    connection.sendall(b"hello from python\n")
    print(connection.makefile().readline(), end="")
