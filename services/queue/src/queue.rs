use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use backon::{ExponentialBuilder, Retryable as _};
use onsale_grpc_server::Calls;
use onsale_process::{Condition, Process, Shutdown};
use onsale_proto::queue::v1::{
    queue_service_server::{self, QueueServiceServer},
    room_admin_service_server::{self, RoomAdminServiceServer},
};
use onsale_telemetry::{StoreMetrics, StoreSystem};
use tokio::net::TcpListener;
use tonic::service::RoutesBuilder;

use crate::{
    config::Config,
    grpc::{QueueGrpc, RoomAdminGrpc},
    store::redis::{ScriptSources, Store, StoreError},
    waiting_room::{TICK_INTERVAL, WaitingRooms},
};

/// 512 joins, each with a user and a token of the largest kind.
const LARGEST_REQUEST: usize = 1024 * 1024;

const SERVICES: &[&str] = &[queue_service_server::SERVICE_NAME, room_admin_service_server::SERVICE_NAME];

/// A queue whose ports are open.
#[derive(Debug)]
pub struct Queue {
    config: Config,
    process: Process,
    scripts: ScriptSources,
    listener: TcpListener,
    address: SocketAddr,
    ops_address: SocketAddr,
}

impl Queue {
    /// Opens the ports; port 0 takes a free one. Redis is not asked yet.
    ///
    /// # Errors
    /// A port is taken.
    pub async fn bind(config: Config, process: Process) -> anyhow::Result<Self> {
        let listener = onsale_process::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let ops_address = process.open_ops().await?;
        process.announce(&[("grpc", address)]).await?;
        Ok(Self { config, process, scripts: ScriptSources::default(), listener, address, ops_address })
    }

    /// Other scripts than those shipped: for tests that show what a guard in one guards.
    #[must_use]
    pub fn with_scripts(self, scripts: ScriptSources) -> Self {
        Self { scripts, ..self }
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

    /// When to stop: for who runs the queue inside another program.
    #[must_use]
    pub fn shutdown(&self) -> &Shutdown {
        self.process.shutdown()
    }

    /// Serves until told to stop. While Redis is away, those who wait are answered from what was last read.
    ///
    /// # Errors
    /// A setting that cannot be used, or the port breaks.
    pub async fn run(self) -> anyhow::Result<()> {
        let condition = self.process.readiness().condition("redis");
        let shutdown = self.process.shutdown().clone();
        let connecting = Box::pin(self.connect(&condition));
        let Some(store) = shutdown.soft().run_until_cancelled(connecting).await else {
            return Ok(());
        };
        let store = Arc::new(store?);
        let keyring = self.config.keyring().map_err(anyhow::Error::msg)?;
        let instruments = self.process.telemetry().instruments();
        let rooms = Arc::new(WaitingRooms::new(Arc::clone(&store), keyring, instruments));
        let routes = self.routes(&rooms);
        let ticking = tokio::spawn(look_after(Arc::clone(&rooms), condition, shutdown.clone()));
        let served = onsale_grpc_server::serve(self.listener, routes, SERVICES, &self.process).await;
        shutdown.begin();
        ticking.await.context("look after the rooms")?;
        store.close().await;
        served.map_err(Into::into)
    }

    /// Connects to Redis; an outage at the start is waited out.
    async fn connect(&self, condition: &Condition) -> Result<Store, StoreError> {
        let metrics = StoreMetrics::new(self.process.telemetry().instruments(), StoreSystem::Redis);
        let (url, timeout) = (&self.config.redis_url, self.config.redis_timeout);
        let connect = || Store::connect(url, timeout, self.scripts.clone(), metrics.clone());
        let waiting = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(TICK_INTERVAL / 4)
            .with_max_delay(TICK_INTERVAL * 2)
            .without_max_times();
        connect
            .retry(waiting)
            .when(|error| *error == StoreError::Away)
            .notify(|error, _| condition.unready(error.to_string()))
            .await
    }

    fn routes(&self, rooms: &Arc<WaitingRooms>) -> RoutesBuilder {
        let instruments = self.process.telemetry().instruments();
        let calls = Calls::new(self.config.calls_at_once as usize, self.config.call_timeout, instruments);
        let calls = Arc::new(calls);
        let line = QueueGrpc::new(Arc::clone(rooms), Arc::clone(&calls));
        let admin = RoomAdminGrpc::new(Arc::clone(rooms), calls);
        let mut routes = RoutesBuilder::default();
        routes
            .add_service(QueueServiceServer::new(line).max_decoding_message_size(LARGEST_REQUEST))
            .add_service(RoomAdminServiceServer::new(admin));
        routes
    }
}

/// Looks after the rooms until the program stops, and keeps readiness true to what Redis does.
async fn look_after(rooms: Arc<WaitingRooms>, condition: Condition, shutdown: Shutdown) {
    let stop = shutdown.soft();
    while !stop.is_cancelled() {
        match rooms.ensure_site_room().await {
            Ok(()) => break,
            Err(error) => condition.unready(error.to_string()),
        }
        stop.run_until_cancelled(tokio::time::sleep(TICK_INTERVAL)).await;
    }
    let reached = |outcome: Result<(), StoreError>| match outcome {
        Ok(()) => condition.ready(),
        Err(error) => condition.unready(error.to_string()),
    };
    rooms.look_after(stop, reached).await;
}
