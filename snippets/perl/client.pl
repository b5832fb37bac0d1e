use v5.36;
use IO::Handle;
use Socket qw(AF_INET SOCK_STREAM IPPROTO_TCP inet_aton pack_sockaddr_in);

use constant IPPROTO_MPTCP => 262;    # Perl has no name for it

# A Multipath TCP socket, or a TCP socket where there is none.
sub stream_socket {
    my $socket;

    # The one change: the last argument.
    return $socket if socket($socket, AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

    die "no socket: $!\n"
        unless $!{EINVAL}             # a kernel before 5.6
        || $!{EPROTONOSUPPORT}        # built without it
        || $!{ENOPROTOOPT};           # switched off: net.mptcp.enabled=0

    say "no Multipath TCP here ($!), so TCP";
    return $socket if socket($socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    die "no socket: $!\n";
}

my $connection = stream_socket();
my $address    = inet_aton('server.lab') or die "server.lab: no such host\n";
connect($connection, pack_sockaddr_in(8262, $address)) or die "server.lab: $!\n";

$connection->autoflush;               # send each line at once
say $connection 'hello from perl';
print scalar <$connection>;
