use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};

/// A Multipath TCP socket, or a TCP socket where there is none.
fn stream_socket() -> io::Result<Socket> {
    // The one change: the third argument.
    match Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)) {
        // A kernel before 5.6, net.mptcp.enabled=0, a kernel built without it.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOPROTOOPT | libc::EPROTONOSUPPORT)) => {
            println!("no Multipath TCP here ({error}), so TCP");
            Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))
        }
        result => result,
    }
}

fn main() -> io::Result<()> {
    let address = "server.lab:8262"
        .to_socket_addrs()?
        .find(SocketAddr::is_ipv4)
        .ok_or(io::ErrorKind::AddrNotAvailable)?;

    let socket = stream_socket()?;
    socket.connect(&address.into())?;

    // From here on it is the standard library's stream, as for TCP.
    let mut stream = TcpStream::from(socket);
    stream.write_all(b"hello from rust\n")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    print!("{line}");
    Ok(())
}
