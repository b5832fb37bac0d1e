use http_body_util::{BodyExt, Empty};
use hyper::{body::Bytes, client::conn::http1, Request};
use hyper_util::rt::TokioIo;
use socket2::{Domain, Protocol, Socket, Type};
use std::{error::Error, io, net::SocketAddr};
use tokio::net::{lookup_host, TcpSocket};

/// tokio's socket for Multipath TCP, or for TCP where there is none.
fn stream_socket() -> io::Result<TcpSocket> {
    // The one change: the third argument.
    let socket = match Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)) {
        // A kernel before 5.6, net.mptcp.enabled=0, a kernel built without it.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOPROTOOPT | libc::EPROTONOSUPPORT)) => {
            println!("no Multipath TCP here ({error}), so TCP");
            Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))
        }
        result => result,
    }?;
    // tokio asks for a socket that never waits.
    socket.set_nonblocking(true)?;
    Ok(TcpSocket::from_std_stream(socket.into()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = "server.lab:8262";
    let address = lookup_host(host)
        .await?
        .find(SocketAddr::is_ipv4)
        .ok_or("server.lab has no IPv4 address")?;
    let stream = stream_socket()?.connect(address).await?;

    // From here on it is tokio's stream, and hyper is as ever.
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/").header("host", host).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    println!("{}", response.status());
    let body = response.into_body().collect().await?.to_bytes();
    print!("{}", String::from_utf8_lossy(&body));
    Ok(())
}
