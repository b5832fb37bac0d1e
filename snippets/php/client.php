<?php

const IPPROTO_MPTCP = 262; // PHP has no name for it

// What socket_create() fails with where Multipath TCP is not to be had:
const NO_MPTCP = [
    SOCKET_EINVAL, // a kernel before 5.6
    SOCKET_EPROTONOSUPPORT, // built without it
    SOCKET_ENOPROTOOPT, // switched off: net.mptcp.enabled=0
];

/** A Multipath TCP socket, or a TCP socket where there is none. */
function stream_socket(): Socket
{
    // The one change: the third argument. The @ keeps the warning off the screen.
    $socket = @socket_create(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    $error = socket_last_error();
    if ($socket === false && in_array($error, NO_MPTCP, true)) {
        echo 'no Multipath TCP here (', socket_strerror($error), "), so TCP\n";
        $socket = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    }
    return $socket ?: throw new RuntimeException(socket_strerror($error));
}

$connection = stream_socket();
if (!socket_connect($connection, 'server.lab', 8262)) {
    exit(1); // PHP has printed the warning
}
socket_write($connection, "hello from php\n");
echo socket_read($connection, 256, PHP_NORMAL_READ);
