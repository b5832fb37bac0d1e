import errno
import hashlib
import socket
import time

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


def take_in(connection):
    """The number of bytes that arrive, and their hash. Tells the rate about once a second."""
    digest, total, told = hashlib.sha256(), 0, 0
    start = told_at = time.monotonic()
    while block := connection.recv(65536):
        digest.update(block)
        total += len(block)
        now = time.monotonic()
        if now >= told_at + 1:
            rate = (total - told) * 8 / 1e6 / (now - told_at)
            print(f"{now - start:4.1f} s: {rate:.1f} Mbit/s")
            told, told_at = total, now
    return total, digest.hexdigest()


with stream_socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", 8262))
    listener.listen()
    print("listening on port 8262")

    while True:
        connection, (address, _) = listener.accept()
        with connection:
            try:
                total, received = take_in(connection)
                connection.sendall(f"{total} {received}\n".encode())
                print(f"{address} sent {total} bytes, SHA-256 {received[:16]}...")
            except OSError as error:
                print(f"{address} broke off: {error.strerror}")
