use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// So many connections may wait to be accepted; Linux has 4,096 at most unless it is told otherwise (`net.core.somaxconn`). What is beyond
/// it is dropped and comes again after a second, or a fifth of one. Of the 128 that a listener has by default a crowd makes too many
/// in the time in which a processor has other things to do.
const BACKLOG: u32 = 4_096;

/// A port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program listens there.
    #[error("listen on {address}: the port is taken by another program")]
    Taken {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The system refuses for another reason.
    #[error("listen on {address}: {source}")]
    Refused {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// Opens a port; port 0 takes a free one, which the listener tells. It is for the runtime in which it is opened.
///
/// # Errors
/// The port is taken, or the system refuses it.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    listen(address).map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            BindError::Taken { address }
        } else {
            BindError::Refused { address, source }
        }
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A program that is started again does not wait for the connections of the one before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{net::TcpStream, time::timeout};

    use super::*;

    #[tokio::test]
    async fn a_crowd_connects_before_any_of_it_is_accepted() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut crowd = Vec::new();
        for nth in 0..600 {
            // Who is dropped tries again by itself, after a second.
            let connected = timeout(Duration::from_millis(900), TcpStream::connect(address)).await;
            crowd.push(connected.unwrap_or_else(|_| panic!("the {nth}th waits")).unwrap());
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_called_so() {
        let first = bind("[::1]:0".parse().unwrap()).await.unwrap();
        let taken = bind(first.local_addr().unwrap()).await;
        assert!(matches!(taken, Err(BindError::Taken { .. })), "{taken:?}");
    }
}
