use v5.36;
use IO::Handle;
use Socket qw(:DEFAULT IPPROTO_TCP inet_ntoa pack_sockaddr_in unpack_sockaddr_in);

use constant IPPROTO_MPTCP => 262;

# A Multipath TCP socket, or a TCP socket where there is none.
sub stream_socket {
    my $socket;
    return $socket if socket($socket, AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    die "no socket: $!\n" unless $!{EINVAL} || $!{EPROTONOSUPPORT} || $!{ENOPROTOOPT};

    say "no Multipath TCP here ($!), so TCP";
    return $socket if socket($socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    die "no socket: $!\n";
}

STDOUT->autoflush;                    # show each line at once
local $SIG{PIPE} = 'IGNORE';          # a client that left is no reason to end

my $listener = stream_socket();
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "SO_REUSEADDR: $!\n";
bind($listener, pack_sockaddr_in(8262, INADDR_ANY)) or die "port 8262: $!\n";
listen($listener, SOMAXCONN) or die "port 8262: $!\n";
say 'listening on port 8262';

# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
while (1) {
    my $peer = accept(my $connection, $listener) or next;
    my (undef, $address) = unpack_sockaddr_in($peer);
    my $name = inet_ntoa($address);

    my $line = <$connection> // next;
    print "$name says: $line";
    print $connection "hello $name, I am perl\n";
    close $connection;                # which sends what is buffered
}
