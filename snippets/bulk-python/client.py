import errno
import hashlib
import os
import socket
import sys
import time

SECONDS = 5
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


with stream_socket() as connection:
    connection.connect(("server.lab", 8262))
    sent = hashlib.sha256()
    start = time.monotonic()
    while time.monotonic() < start + SECONDS:
        block = os.urandom(16384)
        connection.sendall(block)
        sent.update(block)

    # No more data. The server answers once it has all of it.
    connection.shutdown(socket.SHUT_WR)
    total, received = connection.makefile().readline().split()
    seconds = time.monotonic() - start

megabits = int(total) * 8 / 1e6
print(f"{megabits / 8:.1f} MB in {seconds:.1f} s: {megabits / seconds:.1f} Mbit/s")
if received != sent.hexdigest():
    sys.exit("SHA-256 differs: something else arrived than was sent")
print("SHA-256 is the same at both ends")
