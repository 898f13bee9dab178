use std::time::Duration;

use onsale_process::{Process, health};
use tokio::net::TcpListener;
use tonic::{
    service::RoutesBuilder,
    transport::{Server, server::TcpIncoming},
};

/// How soon a caller that vanished without a goodbye is noticed: a period and a wait for the answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// Why a server ended that was not told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port broke.
    #[error("serve grpc: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The contracts' descriptors cannot be read.
    #[error("describe the services: {0}")]
    Descriptors(#[from] tonic_reflection::server::Error),
}

/// Serves what `routes` has, with health and reflection, until the process is told to stop:
/// then no call is taken on and those in flight end, or are cut off when the grace is over.
///
/// `services` are the full names that the health protocol knows.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    listener: TcpListener,
    mut routes: RoutesBuilder,
    services: &'static [&'static str],
    process: &Process,
) -> Result<(), ServeError> {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(onsale_proto::DESCRIPTORS)
        .build_v1()?;
    routes.add_service(health::service(process.readiness(), services).await).add_service(reflection);
    let stop = process.shutdown().soft().clone().cancelled_owned();
    let server = Server::builder()
        .layer(onsale_telemetry::grpc::server_layer())
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .add_routes(routes.routes())
        .serve_with_incoming_shutdown(incoming(listener), stop);
    tokio::select! {
        ended = server => Ok(ended?),
        () = process.shutdown().hard().cancelled() => Ok(()),
    }
}

/// Connections that send at once what is written. The server's own setting is passed over where it is given connections.
/// Without it, the end of an answer waits for the caller's system to acknowledge its beginning: 40 ms on Linux, where Nagle's
/// algorithm (RFC 896) meets delayed acknowledgements (RFC 9293, section 3.8.6.3).
fn incoming(listener: TcpListener) -> TcpIncoming {
    TcpIncoming::from(listener).with_nodelay(Some(true))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn the_end_of_an_answer_waits_for_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _caller = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let accepted = incoming(listener).next().await.unwrap().unwrap();
        assert!(accepted.nodelay().unwrap());
    }
}
