import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;

/*
 * Java has no call for Multipath TCP. What starts this program decides (client.sh):
 *   TCP:            exec java Client
 *   Multipath TCP:  exec mptcpize run java Client
 */
class Client {
    public static void main(String[] arguments) throws IOException {
        try (Socket socket = new Socket("server.lab", 8262)) {
            socket.getOutputStream().write("hello from java\n".getBytes());
            var reader = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            System.out.println(reader.readLine());
        }
    }
}
