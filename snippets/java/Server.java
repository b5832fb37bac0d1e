import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/* Started by server.sh, which makes its TCP sockets Multipath TCP. */
class Server {
    public static void main(String[] arguments) throws IOException {
        try (var listener = new ServerSocket()) {
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(8262));
            System.out.println("listening on port 8262");

            // A Multipath TCP listener takes TCP clients too, so nobody is shut out.
            while (true) {
                try (Socket socket = listener.accept()) {
                    greet(socket);
                } catch (IOException error) {
                    System.err.println(error.getMessage()); // a client that broke off
                }
            }
        }
    }

    static void greet(Socket socket) throws IOException {
        String address = socket.getInetAddress().getHostAddress();
        var reader = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        System.out.println(address + " says: " + reader.readLine());
        socket.getOutputStream().write(("hello " + address + ", I am java\n").getBytes());
    }
}
