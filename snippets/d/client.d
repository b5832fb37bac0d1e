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
        // The one change: the third argument.
        return new Socket(AddressFamily.INET, SocketType.STREAM, IPPROTO_MPTCP);
    }
    catch (SocketOSException error)
    {
        switch (error.errorCode)
        {
        case EINVAL: // a kernel before 5.6
        case EPROTONOSUPPORT: // built without it
        case ENOPROTOOPT: // switched off: net.mptcp.enabled=0
            writeln("no Multipath TCP here (", error.msg, "), so TCP");
            return new Socket(AddressFamily.INET, SocketType.STREAM, ProtocolType.TCP);
        default:
            throw error;
        }
    }
}

void main()
{
    auto address = getAddressInfo("server.lab", "8262", AddressFamily.INET)[0].address;
    auto connection = streamSocket();
    connection.connect(address);

    connection.send("hello from d\n");
    write(readLine(connection));
    connection.close();
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
