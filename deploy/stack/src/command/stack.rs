use std::{env, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use onsale_stack::{
    Fsync, Postgres, PostgresOptions, Redis, RedisOptions, Service, ServiceOptions, StackError, run_to_end,
};

use super::{
    UpOptions,
    folder::Folder,
    observers::{self, Observers},
    record::{Addresses, Running},
    say,
    secrets::Secrets,
};

const SEED: Duration = Duration::from_mins(5);

/// The setting of where spans are sent.
const RECEIVER: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Settings that the stack decides itself; every other one that the environment has is handed on.
const OWN: [&str; 11] = [
    "ONSALE_LISTEN",
    "ONSALE_OPS_LISTEN",
    "ONSALE_ADDRESS_FILE",
    "ONSALE_PROGRAMS",
    "ONSALE_POSTGRES_BIN",
    "ONSALE_REDIS_URL",
    "ONSALE_DATABASE_URL",
    "ONSALE_TOKEN_KEYS",
    "ONSALE_OPERATOR_KEY",
    "ONSALE_QUEUE_URLS",
    "ONSALE_CATALOG_URLS",
];

/// Everything that runs.
pub(super) struct Stack {
    pub(super) redis: Redis,
    pub(super) postgres: Postgres,
    pub(super) queues: Vec<Service>,
    pub(super) catalogs: Vec<Service>,
    pub(super) gateways: Vec<Service>,
    /// Where they were asked for.
    pub(super) observers: Option<Observers>,
}

impl Stack {
    /// Starts everything in the order in which one needs the other, and waits until all of it is ready.
    pub(super) async fn start(
        options: &UpOptions,
        folder: &Folder,
        secrets: &Secrets,
    ) -> anyhow::Result<Self> {
        say("starting Redis and Postgres");
        let (redis, postgres) = tokio::try_join!(redis(folder, secrets), postgres(folder, secrets))?;
        let traces = if options.observe { Some(observers::traces(folder).await?) } else { None };
        let plan = Plan { folder, copies: options.copies, traces: traces.as_ref() };
        let database = postgres.create_database("onsale")?;
        let catalog = plan.program("onsale-catalog").env("ONSALE_DATABASE_URL", &database);
        say("loading the demo's concerts");
        let seed = catalog.clone().argument("seed-demo").called("onsale-catalog-seed");
        run_to_end(seed, SEED).await.context("load the demo's concerts")?;
        say("starting the programs");
        let queue = plan.program("onsale-queue");
        let queue = queue.env("ONSALE_REDIS_URL", redis.url()).env("ONSALE_TOKEN_KEYS", &secrets.token_keys);
        let queues = plan.copies("onsale-queue", |_| queue.clone()).await?;
        let catalogs = plan.copies("onsale-catalog", |_| catalog.clone()).await?;
        let gateway = plan
            .program("onsale-gateway")
            .env("ONSALE_QUEUE_URLS", urls(&queues))
            .env("ONSALE_CATALOG_URLS", urls(&catalogs))
            .env("ONSALE_TOKEN_KEYS", &secrets.token_keys)
            .env("ONSALE_OPERATOR_KEY", &secrets.operator_key);
        let listens = |copy| gateway.clone().env("ONSALE_LISTEN", nth(options.listen, copy).to_string());
        let gateways = plan.copies("onsale-gateway", listens).await?;
        let mut stack = Self { redis, postgres, queues, catalogs, gateways, observers: None };
        for program in stack.programs() {
            program.until_ready().await?;
        }
        if let Some(traces) = traces {
            stack.observe(traces, folder).await?;
        }
        Ok(stack)
    }

    async fn observe(&mut self, traces: Service, folder: &Folder) -> anyhow::Result<()> {
        say("starting Prometheus and the exporters");
        let programs = self.gateways.iter().chain(&self.catalogs).chain(&self.queues);
        let stores = (&self.redis, &self.postgres);
        self.observers = Some(Observers::start(traces, stores, programs, folder.path().to_owned()).await?);
        Ok(())
    }

    /// The programs, in the order in which they stop.
    pub(super) fn programs(&mut self) -> impl Iterator<Item = &mut Service> {
        self.gateways.iter_mut().chain(&mut self.catalogs).chain(&mut self.queues)
    }

    /// What runs, for the record.
    pub(super) fn running(&mut self) -> Vec<Running> {
        let mut processes =
            vec![("redis".to_owned(), self.redis.pid()), ("postgres".to_owned(), self.postgres.pid())];
        processes.extend(self.programs().map(|program| (program.name().to_owned(), program.pid())));
        processes.extend(self.observers.iter().flat_map(Observers::pids));
        processes.iter().filter_map(|(name, pid)| Running::now(name, *pid)).collect()
    }

    /// Where it runs, for the record.
    pub(super) fn addresses(&self) -> Addresses {
        Addresses {
            gateways: self.gateways.iter().map(|gateway| gateway.url("http")).collect(),
            redis_port: self.redis.port(),
            postgres_port: self.postgres.port(),
            prometheus: self.observers.as_ref().map(|observers| observers.prometheus.url()),
            traces: self.observers.as_ref().map(|observers| observers.traces.url("ops")),
        }
    }

    /// What has ended by itself, with how it ended.
    pub(super) fn ended(&mut self) -> Vec<(String, String)> {
        let mut ended = Vec::new();
        let servers = [("redis", self.redis.ended()), ("postgres", self.postgres.ended())];
        ended.extend(
            servers.into_iter().filter_map(|(name, status)| Some((name.to_owned(), status?.to_string()))),
        );
        let programs = self.programs().filter_map(|program| {
            let status = program.ended()?.to_string();
            Some((program.name().to_owned(), status))
        });
        ended.extend(programs);
        ended.extend(self.observers.iter_mut().flat_map(Observers::ended));
        ended
    }

    /// Stops everything, the stores last, since the programs need them to the end. What watches sees them stop.
    pub(super) async fn stop(mut self) -> Result<(), StackError> {
        for program in self.programs() {
            program.stop().await?;
        }
        if let Some(observers) = self.observers.take() {
            observers.stop().await?;
        }
        self.redis.stop().await?;
        self.postgres.stop().await
    }
}

async fn redis(folder: &Folder, secrets: &Secrets) -> Result<Redis, StackError> {
    let options = RedisOptions {
        fsync: Fsync::Always,
        folder: Some(folder.redis()),
        password: Some(secrets.store_password.clone()),
        ..RedisOptions::default()
    };
    Redis::start(options).await
}

async fn postgres(folder: &Folder, secrets: &Secrets) -> Result<Postgres, StackError> {
    let options = PostgresOptions {
        folder: Some(folder.postgres()),
        durable: true,
        password: Some(secrets.store_password.clone()),
        settings: vec![("max_connections".to_owned(), "400".to_owned())],
    };
    Postgres::start(options).await
}

/// What all programs have in common.
struct Plan<'a> {
    folder: &'a Folder,
    copies: u16,
    /// Where spans go.
    traces: Option<&'a Service>,
}

impl Plan<'_> {
    fn program(&self, name: &str) -> ServiceOptions {
        let handed_on =
            env::vars().filter(|(name, _)| name.starts_with("ONSALE_") && !OWN.contains(&name.as_str()));
        let receiver = self.traces.map(|traces| (RECEIVER.to_owned(), traces.url("grpc")));
        ServiceOptions::new(name).folder(self.folder.logs()).envs(handed_on).envs(receiver)
    }

    async fn copies(
        &self,
        name: &str,
        options: impl Fn(u16) -> ServiceOptions,
    ) -> Result<Vec<Service>, StackError> {
        let mut copies = Vec::new();
        for copy in 0..self.copies {
            copies.push(Service::start(options(copy).called(format!("{name}-{}", copy + 1))).await?);
        }
        Ok(copies)
    }
}

fn urls(services: &[Service]) -> String {
    services.iter().map(|service| service.url("grpc")).collect::<Vec<_>>().join(",")
}

/// The address of a gateway's copy: the ports after the first one's, unless the system chooses them.
pub(super) fn nth(first: SocketAddr, copy: u16) -> SocketAddr {
    let mut address = first;
    if first.port() != 0 {
        address.set_port(first.port().saturating_add(copy));
    }
    address
}
