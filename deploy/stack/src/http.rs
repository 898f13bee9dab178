//! Asking a port of this machine, by hand: an ops port, Prometheus.
//!
//! By HTTP/1.0, so that the answer is in one piece.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const DEADLINE: Duration = Duration::from_secs(2);

/// The status and the body of a GET; `None` when there is no answer in time.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Option<(u16, String)> {
    timeout(DEADLINE, exchange(address, path)).await.ok()?
}

async fn exchange(address: SocketAddr, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    // The body ends with the connection, and is in no chunks.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}
