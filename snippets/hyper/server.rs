use hyper::{body::Incoming, server::conn::http1, service::service_fn, Request, Response};
use hyper_util::rt::TokioIo;
use socket2::{Domain, Protocol, Socket, Type};
use std::{convert::Infallible, error::Error, io, net::Ipv4Addr};
use tokio::net::{TcpSocket, TcpStream};

/// tokio's socket for Multipath TCP, or for TCP where there is none.
fn stream_socket() -> io::Result<TcpSocket> {
    let socket = match Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOPROTOOPT | libc::EPROTONOSUPPORT)) => {
            println!("no Multipath TCP here ({error}), so TCP");
            Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))
        }
        result => result,
    }?;
    socket.set_nonblocking(true)?;
    Ok(TcpSocket::from_std_stream(socket.into()))
}

async fn answer(stream: TcpStream) -> Result<(), Box<dyn Error>> {
    let address = stream.peer_addr()?.ip();
    let service = service_fn(|request: Request<Incoming>| async move {
        println!("{address} asks: {} {}", request.method(), request.uri());
        Ok::<_, Infallible>(Response::new(format!("hello {address}, I am hyper\n")))
    });
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let socket = stream_socket()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::UNSPECIFIED, 8262).into())?;
    let listener = socket.listen(16)?;
    println!("listening on port 8262");

    // A Multipath TCP listener takes TCP clients too, so nobody is shut out.
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = answer(stream).await {
                eprintln!("{error}");
            }
        });
    }
}
