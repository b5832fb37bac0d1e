using System;
using System.IO;
using System.Net;
using System.Net.Sockets;

// Started by server.sh, which makes its TCP sockets Multipath TCP.
static class Server
{
    static void Main()
    {
        var listener = new TcpListener(IPAddress.Any, 8262);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        Console.WriteLine("listening on port 8262");

        // A Multipath TCP listener takes TCP clients too, so nobody is shut out.
        while (true)
        {
            using (TcpClient client = listener.AcceptTcpClient())
            {
                try
                {
                    Greet(client);
                }
                catch (Exception error) when (error is IOException || error is SocketException) // a client that broke off
                {
                    Console.Error.WriteLine(error.Message);
                }
            }
        }
    }

    static void Greet(TcpClient client)
    {
        IPAddress address = ((IPEndPoint)client.Client.RemoteEndPoint).Address;
        var reader = new StreamReader(client.GetStream());
        var writer = new StreamWriter(client.GetStream()) { AutoFlush = true };

        Console.WriteLine($"{address} says: {reader.ReadLine()}");
        writer.Write($"hello {address}, I am csharp\n");
    }
}
