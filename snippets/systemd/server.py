"""Takes the listener that systemd has opened. What it accepts is Multipath TCP if the listener is."""

import os
import socket
import sys

if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
    sys.exit("Expected one listener from systemd (LISTEN_FDS=1), found none. Start hello.socket, not this file.")

# The first descriptor that systemd passes is number 3: sd_listen_fds(3).
listener = socket.socket(fileno=3)

while True:
    connection, address = listener.accept()
    with connection, connection.makefile("rw") as stream:
        print(f"{address[0]} says: {stream.readline().strip()}", flush=True)
        stream.write(f"hello {address[0]}, I am started by systemd\n")
