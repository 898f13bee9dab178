use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use onsale_grpc_server::Calls;
use onsale_process::{Process, Shutdown};
use onsale_proto::catalog::v1::{
    catalog_service_server::{CatalogServiceServer, SERVICE_NAME},
    sales_service_server::{SERVICE_NAME as SALES_SERVICE_NAME, SalesServiceServer},
    seat_view_service_server::{self, SeatViewServiceServer},
};
use onsale_telemetry::Instruments;
use tokio::net::TcpListener;
use tonic::service::RoutesBuilder;

use crate::{
    checking::Checker,
    config::{Config, RetentionConfig},
    domain::HoldTimes,
    grpc::{CatalogGrpc, SalesGrpc, SeatViewGrpc},
    metrics::{self, SalesMetrics, SeatViewMetrics, UpkeepMetrics},
    seat_view::SeatViews,
    store::{SeatViewStore, UpkeepStore, postgres::PostgresStore},
    sweeping::Sweeper,
    watch,
};

/// No request of the contract comes near this.
const LARGEST_REQUEST: usize = 64 * 1024;

/// A hall of 100,000 seats is about 6 MiB.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What health and reflection are told of.
const SERVICE_NAMES: [&str; 3] = [SERVICE_NAME, SALES_SERVICE_NAME, seat_view_service_server::SERVICE_NAME];

/// What many large views cover.
const LARGEST_SEAT_VIEW_REQUEST: usize = 4 * 1024 * 1024;

/// The layout of a hall of a million seats.
const LARGEST_SEAT_VIEW_ANSWER: usize = 64 * 1024 * 1024;

/// A catalog whose ports are open.
#[derive(Debug)]
pub struct Catalog {
    config: Config,
    process: Process,
    listener: TcpListener,
    address: SocketAddr,
    ops_address: SocketAddr,
    store: PostgresStore,
    times: HoldTimes,
}

impl Catalog {
    /// Opens the ports; port 0 takes a free one. The store is not asked yet.
    ///
    /// # Errors
    /// A port is taken, or the database's address is none.
    pub async fn bind(config: Config, process: Process) -> anyhow::Result<Self> {
        let connect = config.database.connect_options().map_err(anyhow::Error::msg)?;
        let store = PostgresStore::new(&connect.lock_timeout(config.selling.lock_timeout))
            .measured(process.telemetry().instruments());
        let times = config.selling.times().map_err(anyhow::Error::msg)?;
        let listener = onsale_process::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let ops_address = process.open_ops().await?;
        process.announce(&[("grpc", address)]).await?;
        Ok(Self { config, process, listener, address, ops_address, store, times })
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
        let watched = watch::store(&self.store, self.config.migrate, self.process.readiness());
        let reader = self.store.seat_view_reader(self.config.seat_view.age);
        let reader: Arc<dyn SeatViewStore> = Arc::new(reader);
        let instruments = self.process.telemetry().instruments().clone();
        let metrics = SeatViewMetrics::new(&instruments);
        let views = SeatViews::new(Arc::clone(&reader), self.config.seat_view.bounds(), metrics);
        metrics::watch_views(&instruments, &Arc::downgrade(&views));
        let mut routes = self.routes();
        routes.add_service(self.seat_views(Arc::clone(&views), reader));
        let upkeep = upkeep(self.config.retention.clone(), self.store.clone(), &instruments);
        let served = onsale_grpc_server::serve(self.listener, routes, &SERVICE_NAMES, &self.process);
        let outcome = tokio::select! {
            ended = served => ended.map_err(Into::into),
            unfit = watched => match unfit {
                Err(error) => Err(error.into()),
            },
            never = views.keep_fresh() => match never {},
            never = upkeep => match never {},
        };
        self.store.close().await;
        outcome
    }

    fn seat_views(
        &self,
        views: Arc<SeatViews>,
        store: Arc<dyn SeatViewStore>,
    ) -> SeatViewServiceServer<SeatViewGrpc> {
        let instruments = self.process.telemetry().instruments();
        let calls = Calls::new(self.config.calls_at_once as usize, self.config.call_timeout, instruments);
        SeatViewServiceServer::new(SeatViewGrpc::new(views, store, calls))
            .max_decoding_message_size(LARGEST_SEAT_VIEW_REQUEST)
            .max_encoding_message_size(LARGEST_SEAT_VIEW_ANSWER)
    }

    fn routes(&self) -> RoutesBuilder {
        let instruments = self.process.telemetry().instruments();
        let calls = Calls::new(self.config.calls_at_once as usize, self.config.call_timeout, instruments);
        let (calls, store) = (Arc::new(calls), Arc::new(self.store.clone()));
        let catalog = CatalogServiceServer::new(CatalogGrpc::new(store.clone(), calls.clone()))
            .max_decoding_message_size(LARGEST_REQUEST)
            .max_encoding_message_size(LARGEST_ANSWER);
        let mut routes = RoutesBuilder::default();
        let sales =
            SalesServiceServer::new(SalesGrpc::new(store, self.times, calls, SalesMetrics::new(instruments)))
                .max_decoding_message_size(LARGEST_REQUEST)
                .max_encoding_message_size(LARGEST_ANSWER);
        routes.add_service(catalog);
        routes.add_service(sales);
        routes
    }
}

/// What is done beside what callers ask for, where this copy takes part in it.
async fn upkeep(config: RetentionConfig, store: PostgresStore, instruments: &Instruments) -> Infallible {
    let metrics = UpkeepMetrics::new(instruments);
    if !config.upkeep {
        return std::future::pending().await;
    }
    let store = Arc::new(store);
    let sweeper = Sweeper::new(store.clone(), metrics.clone());
    let checker = Checker::new(store.clone(), metrics, config.check_period());
    let store: Arc<dyn UpkeepStore> = store;
    tokio::select! {
        never = sweeper.run() => never,
        never = checker.run() => never,
        never = config.times().keep(store) => never,
    }
}
