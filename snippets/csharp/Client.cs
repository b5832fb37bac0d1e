using System;
using System.IO;
using System.Net.Sockets;

// C# has no call for Multipath TCP. What starts this program decides (client.sh):
//   TCP:            exec mono client.exe
//   Multipath TCP:  exec mptcpize run mono client.exe
static class Client
{
    static void Main()
    {
        using (var client = new TcpClient(AddressFamily.InterNetwork))
        {
            client.Connect("server.lab", 8262);
            var reader = new StreamReader(client.GetStream());
            var writer = new StreamWriter(client.GetStream()) { AutoFlush = true };

            writer.Write("hello from csharp\n");
            Console.WriteLine(reader.ReadLine());
        }
    }
}
