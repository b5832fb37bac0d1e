<?php

const IPPROTO_MPTCP = 262;
const NO_MPTCP = [SOCKET_EINVAL, SOCKET_EPROTONOSUPPORT, SOCKET_ENOPROTOOPT];

/** A Multipath TCP socket, or a TCP socket where there is none. */
function stream_socket(): Socket
{
    $socket = @socket_create(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    $error = socket_last_error();
    if ($socket === false && in_array($error, NO_MPTCP, true)) {
        echo 'no Multipath TCP here (', socket_strerror($error), "), so TCP\n";
        $socket = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    }
    return $socket ?: throw new RuntimeException(socket_strerror($error));
}

$listener = stream_socket();
socket_set_option($listener, SOL_SOCKET, SO_REUSEADDR, 1);
if (!socket_bind($listener, '0.0.0.0', 8262) || !socket_listen($listener, 16)) {
    exit(1); // PHP has printed the warning
}
echo "listening on port 8262\n";

// A Multipath TCP listener takes TCP clients too, so nobody is shut out.
while (true) {
    $connection = socket_accept($listener);
    if ($connection === false || !socket_getpeername($connection, $address)) {
        continue;
    }
    echo "$address says: ", socket_read($connection, 256, PHP_NORMAL_READ);
    socket_write($connection, "hello $address, I am php\n");
    socket_close($connection);
}
