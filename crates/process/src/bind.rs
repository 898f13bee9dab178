use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

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

/// Opens a port; port 0 takes a free one, which the listener tells.
///
/// # Errors
/// The port is taken, or the system refuses it.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            BindError::Taken { address }
        } else {
            BindError::Refused { address, source }
        }
    })
}
