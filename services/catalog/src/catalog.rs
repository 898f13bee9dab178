use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use onsale_process::{Process, Shutdown, health};
use onsale_proto::catalog::v1::catalog_service_server::{CatalogServiceServer, SERVICE_NAME};
use tokio::net::TcpListener;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};

use crate::{
    config::Config,
    grpc::{Calls, CatalogGrpc},
    metrics::Metrics,
    store::postgres::PostgresStore,
    watch,
};

/// No request of the contract comes near this.
const LARGEST_REQUEST: usize = 64 * 1024;

/// A hall of 100,000 seats is about 6 MiB.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// How soon a caller that vanished without a goodbye is noticed: a period and a wait for the answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// A catalog whose ports are open.
#[derive(Debug)]
pub struct Catalog {
    config: Config,
    process: Process,
    listener: TcpListener,
    address: SocketAddr,
    ops_address: SocketAddr,
    store: PostgresStore,
}

impl Catalog {
    /// Opens the ports; port 0 takes a free one. The store is not asked yet.
    ///
    /// # Errors
    /// A port is taken, or the database's address is none.
    pub async fn bind(config: Config, process: Process) -> anyhow::Result<Self> {
        let store = PostgresStore::new(&config.database.connect_options().map_err(anyhow::Error::msg)?);
        let listener = onsale_process::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let ops_address = process.open_ops().await?;
        process.announce(&[("grpc", address)]).await?;
        Ok(Self { config, process, listener, address, ops_address, store })
    }

    /// Where gRPC is served.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where `/livez`, `/readyz` and `/metrics` are served.
    #[must_use]
    pub fn ops_addr(&self) -> SocketAddr {
        self.ops_address
    }

    /// When to stop: for who runs the catalog inside another program.
    #[must_use]
    pub fn shutdown(&self) -> &Shutdown {
        self.process.shutdown()
    }

    /// Serves until told to stop. While the store is away, calls are told so.
    ///
    /// # Errors
    /// The database does not fit this program, or the port breaks.
    pub async fn run(self) -> anyhow::Result<()> {
        let routes = self.routes().await?;
        let shutdown = self.process.shutdown().clone();
        let stop = shutdown.soft().clone().cancelled_owned();
        let server = Server::builder()
            .layer(onsale_telemetry::grpc::server_layer())
            .tcp_nodelay(true)
            .http2_keepalive_interval(Some(KEEPALIVE.0))
            .http2_keepalive_timeout(Some(KEEPALIVE.1))
            .add_routes(routes)
            .serve_with_incoming_shutdown(TcpIncoming::from(self.listener), stop);
        let watched = watch::store(&self.store, self.config.migrate, self.process.readiness());
        let outcome = tokio::select! {
            ended = server => ended.context("serve grpc"),
            unfit = watched => match unfit {
                Err(error) => Err(error.into()),
            },
            () = shutdown.hard().cancelled() => Ok(()),
        };
        self.store.close().await;
        outcome
    }

    async fn routes(&self) -> io::Result<Routes> {
        let calls = Calls::new(
            self.config.calls_at_once as usize,
            self.config.call_timeout,
            Metrics::new(&self.process.telemetry().meter()),
        );
        let catalog = CatalogServiceServer::new(CatalogGrpc::new(Arc::new(self.store.clone()), calls))
            .max_decoding_message_size(LARGEST_REQUEST)
            .max_encoding_message_size(LARGEST_ANSWER);
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(onsale_proto::DESCRIPTORS)
            .build_v1()
            .map_err(io::Error::other)?;
        let health = health::service(self.process.readiness(), &[SERVICE_NAME]).await;
        Ok(Routes::new(catalog).add_service(health).add_service(reflection))
    }
}
