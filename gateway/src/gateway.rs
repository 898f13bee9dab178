use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Weak},
};

use axum::Router;
use onsale_process::{Condition, Process, Readiness, Shutdown};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    config::GatewayConfig,
    failure::Service,
    http::{self, App, ClientLimit, Doorman, OperatorKey, Stack},
    identity::{Identity, SourceError},
    metrics::Metrics,
    rooms::{Rooms, keep_synced},
    seats::{self, ScheduleLists, SeatViews},
    selling::Selling,
    upstream::{
        AdminClient, CatalogClient, ConnectError, Copies, QueueClient, SalesClient, SeatViewClient,
        TrustedRoots, connect, watch,
    },
};

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error("{0}")]
    Setting(String),
    /// The port is taken or refused.
    #[error(transparent)]
    Bind(#[from] onsale_process::BindError),
    /// The system does not say which port was opened.
    #[error("learn the address: {0}")]
    Address(#[from] io::Error),
    /// The services cannot be called.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Access tokens cannot be checked.
    #[error(transparent)]
    Identity(#[from] SourceError),
}

/// A gateway that has its port, and serves once it is run.
pub struct Gateway {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    doorman: Option<Doorman>,
    background: Background,
}

/// What goes on beside the requests.
struct Background {
    app: Arc<App>,
    queue: Arc<Copies>,
    catalog: Arc<Copies>,
    client_limit: Option<Arc<ClientLimit>>,
    conditions: Conditions,
    config: GatewayConfig,
}

/// What the gateway cannot do without.
struct Conditions {
    queue: Condition,
    catalog: Condition,
    rooms: Condition,
    identity: Option<Condition>,
}

impl Gateway {
    /// Opens the port and prepares everything; no service is called yet, but for the issuer's keys.
    ///
    /// # Errors
    /// A wrong setting, a taken port, a file that cannot be read.
    pub async fn bind(config: &GatewayConfig, process: &Process) -> Result<Self, StartError> {
        let keyring = config.keyring().map_err(StartError::Setting)?;
        let metrics = Metrics::new(process.telemetry().instruments());
        let roots = TrustedRoots::read(config.upstream_ca.as_deref())?;
        let queue = Arc::new(connect(Service::Queue, &config.queue_urls, &roots, &metrics)?);
        let catalog = Arc::new(connect(Service::Catalog, &config.catalog_urls, &roots, &metrics)?);
        let identity = Identity::start(&config.identity).await?;
        let conditions = Conditions::new(process.readiness(), identity.keys().is_some());

        let listener = onsale_process::bind(config.listen).await?;
        let deadline = config.limits.call_timeout;
        let line = Arc::new(QueueClient::new(Arc::clone(&queue), deadline));
        let waiting = Rooms::start(keyring, line, &config.limits, metrics.clone());
        let concerts = CatalogClient::new(Arc::clone(&catalog), deadline);
        let seat_views = Arc::new(SeatViewClient::new(Arc::clone(&catalog), deadline));
        let app = Arc::new(App {
            selling: Selling::new(
                Arc::clone(&waiting),
                identity.clone(),
                SalesClient::new(Arc::clone(&catalog), deadline),
            ),
            rooms: waiting,
            seats: SeatViews::new(seat_views, config.seats.clone(), metrics.clone()),
            schedules: ScheduleLists::new(concerts.clone(), config.seats.schedule_bound, metrics.clone()),
            catalog: concerts,
            admin: AdminClient::new(Arc::clone(&queue), deadline),
            identity,
            operator_key: config.operator_key.as_ref().map(OperatorKey::new),
            metrics: metrics.clone(),
        });
        watch_states(&metrics, &app, [&queue, &catalog]);
        let stack = Stack::new(&config.limits, metrics);
        let client_limit = stack.client_limit();
        let background = Background {
            app: Arc::clone(&app),
            queue,
            catalog,
            client_limit,
            conditions,
            config: config.clone(),
        };
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            router: http::router(app, &config.limits, &stack),
            doorman: stack.doorman(),
            background,
        })
    }

    /// Where the gateway listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the shutdown begins, and then until what is in flight is answered.
    pub async fn run(self, shutdown: Shutdown) {
        // Dropped at the end, and its tasks with it.
        let _background = self.background.spawn();
        http::serve(self.listener, self.router, self.doorman, &shutdown).await;
    }
}

/// Lets metrics read how things stand, for as long as the gateway is there.
fn watch_states(metrics: &Metrics, app: &Arc<App>, services: [&Arc<Copies>; 2]) {
    let (rooms, seats) = (Arc::downgrade(&app.rooms), Arc::downgrade(&app.seats));
    metrics.watch_room_view(move || rooms.upgrade()?.view_age());
    metrics.watch_seat_views(move || Some(seats.upgrade()?.count()));
    let services = services.map(Arc::downgrade);
    metrics.watch_copies(move || {
        let copies = services.iter().filter_map(Weak::upgrade);
        copies.map(|copies| (copies.service(), copies.up_and_down())).collect()
    });
}

impl Background {
    fn spawn(self) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let Self { app, queue, catalog, client_limit, conditions, config } = self;
        let every = config.limits.health_interval;
        tasks.spawn(watch(queue, every, conditions.queue));
        tasks.spawn(watch(catalog, every, conditions.catalog));
        tasks.spawn(keep_synced(Arc::clone(&app.rooms), config.limits.sync_interval, conditions.rooms));
        tasks.spawn(seats::keep_fresh(Arc::clone(&app.seats)));
        if let (Some(keys), Some(condition)) = (app.identity.keys(), conditions.identity) {
            tasks.spawn(keys.keep_fresh(condition));
        }
        if let Some(limit) = client_limit {
            tasks.spawn(limit.keep_small());
        }
        tasks
    }
}

impl Conditions {
    fn new(readiness: &Readiness, needs_keys: bool) -> Self {
        Self {
            queue: readiness.condition("queue"),
            catalog: readiness.condition("catalog"),
            rooms: readiness.condition("rooms"),
            identity: needs_keys.then(|| readiness.condition("identity")),
        }
    }
}
