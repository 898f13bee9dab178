//! One copy of a service that can be killed, or made to hang.

use std::net::SocketAddr;

use axum::http::Uri;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    service::Routes,
    transport::{Identity, Server, ServerTlsConfig},
};
use tonic_health::{ServingStatus, server::HealthReporter};

/// A running copy.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) health: HealthReporter,
    task: JoinHandle<()>,
    gone: Option<oneshot::Sender<()>>,
}

impl Peer {
    /// Serves on a free port, and says that it is healthy.
    pub(crate) async fn start(routes: Routes) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), routes).await
    }

    /// The same, over TLS, with the certificate beside this file.
    pub(crate) async fn start_with_tls(routes: Routes) -> Self {
        let certificate = include_str!("certificates/server.pem");
        let identity = Identity::from_pem(certificate, include_str!("certificates/server.key"));
        let tls = ServerTlsConfig::new().identity(identity);
        let server = Server::builder().tls_config(tls).unwrap();
        Self::serve(SocketAddr::from(([127, 0, 0, 1], 0)), routes, server).await
    }

    /// Serves on that port.
    pub(crate) async fn start_at(address: SocketAddr, routes: Routes) -> Self {
        Self::serve(address, routes, Server::builder()).await
    }

    async fn serve(address: SocketAddr, routes: Routes, mut server: Server) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_service_status("", ServingStatus::Serving).await;
        let routes = routes.add_service(health_service);
        let (gone, goes) = oneshot::channel::<()>();
        let server = server.add_routes(routes).serve_with_incoming(TcpListenerStream::new(listener));
        // Dropping the server's future drops its listener; connections are tasks of their own, ended by their own
        // runtime, as those of a killed process are.
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let task = runtime.spawn(async move { server.await.unwrap() });
        std::thread::spawn(move || {
            let _ = goes.blocking_recv();
            runtime.shutdown_background();
        });
        Self { address, health, task, gone: Some(gone) }
    }

    pub(crate) fn url(&self) -> Uri {
        format!("http://{}", self.address).parse().unwrap()
    }

    /// Ends the copy with all its connections, as kill -9 does.
    pub(crate) async fn kill(mut self) {
        self.gone.take();
        // Waits until the port is closed.
        while tokio::net::TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
