use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};

/// A Multipath TCP socket, or a TCP socket where there is none.
fn stream_socket() -> io::Result<Socket> {
    match Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOPROTOOPT | libc::EPROTONOSUPPORT)) => {
            println!("no Multipath TCP here ({error}), so TCP");
            Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))
        }
        result => result,
    }
}

fn answer(stream: TcpStream) -> io::Result<()> {
    let address = stream.peer_addr()?.ip();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    print!("{address} says: {line}");
    (&stream).write_all(format!("hello {address}, I am rust\n").as_bytes())
}

fn main() -> io::Result<()> {
    let socket = stream_socket()?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 8262).into())?;
    socket.listen(16)?;
    println!("listening on port 8262");

    // A Multipath TCP listener takes TCP clients too, so nobody is shut out.
    for stream in TcpListener::from(socket).incoming() {
        if let Err(error) = stream.and_then(answer) {
            eprintln!("{error}");
        }
    }
    Ok(())
}
