import core.stdc.errno : EINVAL, ENOPROTOOPT, EPROTONOSUPPORT;
import std.socket;
import std.stdio;

/// Of linux/in.h: std.socket has no name for it.
enum IPPROTO_MPTCP = cast(ProtocolType) 262;

/// A Multipath TCP socket, or a TCP socket where there is none.
Socket streamSocket()
{
    try
    {
        return new Socket(AddressFamily.INET, SocketType.STREAM, IPPROTO_MPTCP);
    }
    catch (SocketOSException error)
    {
        switch (error.errorCode)
        {
        case EINVAL, EPROTONOSUPPORT, ENOPROTOOPT:
            writeln("no Multipath TCP here (", error.msg, "), so TCP");
            return new Socket(AddressFamily.INET, SocketType.STREAM, ProtocolType.TCP);
        default:
            throw error;
        }
    }
}

void main()
{
    auto listener = streamSocket();
    listener.setOption(SocketOptionLevel.SOCKET, SocketOption.REUSEADDR, true);
    listener.bind(new InternetAddress(InternetAddress.ADDR_ANY, 8262));
    listener.listen(16);
    writeln("listening on port 8262");
    stdout.flush();

    // A Multipath TCP listener takes TCP clients too, so nobody is shut out.
    while (true)
    {
        auto connection = listener.accept();
        auto address = connection.remoteAddress.toAddrString;
        write(address, " says: ", readLine(connection));
        stdout.flush();
        connection.send("hello " ~ address ~ ", I am d\n");
        connection.close();
    }
}

/// The bytes up to the end of the line.
string readLine(Socket connection)
{
    string line;
    char[1] next;
    while (connection.receive(next) == 1)
    {
        line ~= next[0];
        if (next[0] == '\n')
            break;
    }
    return line;
}
