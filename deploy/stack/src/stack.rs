use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use crate::{Fsync, Postgres, PostgresOptions, Redis, RedisOptions, Service, StackError, Target, run_to_end};

mod folder;
mod observers;
mod options;
mod plan;
mod record;
mod secrets;
mod tenure;

pub use folder::Folder;
pub use observers::Observers;
pub use options::StackOptions;
use plan::Plan;
pub use record::{Addresses, Record, Running};
pub(crate) use secrets::Secrets;
use tenure::Tenure;

const SEED: Duration = Duration::from_mins(5);

/// A whole Onsale: Redis, Postgres and the programs, each a process that can be broken on its own.
///
/// It ends with its value: [`Self::stop`] lets what is in flight finish, and dropping it kills everything. As long as
/// it lives its folder is taken, and says what runs there.
#[derive(Debug)]
pub struct Stack {
    /// The rooms' store.
    pub redis: Redis,
    /// The catalog's store.
    pub postgres: Postgres,
    /// The copies of the queue, `onsale-queue-1` first.
    pub queues: Vec<Service>,
    /// The copies of the catalog, `onsale-catalog-1` first.
    pub catalogs: Vec<Service>,
    /// The copies of the gateway, `onsale-gateway-1` first.
    pub gateways: Vec<Service>,
    /// Where they were asked for.
    pub observers: Option<Observers>,
    secrets: Secrets,
    /// Given up last.
    tenure: Tenure,
}

impl Stack {
    /// Starts everything in the order in which one needs the other, and waits until all of it is ready. What is begun
    /// is told to `progress`. Dropping the future ends what was started.
    ///
    /// # Errors
    /// Something runs in the folder already, a gateway's address is taken, or something does not start.
    pub async fn start(options: StackOptions, progress: impl Fn(&str)) -> Result<Self, StackError> {
        let tenure = Tenure::begin(Folder::open(&options.folder)?)?;
        options.listens().try_for_each(is_free)?;
        let folder = tenure.folder().clone();
        let secrets = Secrets::load_or_make(&folder)?;
        // So that it can be stopped while it is starting.
        tenure.record(Vec::new(), None)?;
        progress("starting Redis and Postgres");
        let (redis, postgres) = tokio::try_join!(redis(&folder, &secrets), postgres(&folder, &secrets))?;
        let traces = if options.observe { Some(observers::traces(&folder).await?) } else { None };
        let plan = Plan { folder: &folder, options: &options, secrets: &secrets, traces: traces.as_ref() };
        let catalog = plan.catalog(&postgres.create_database("onsale")?);
        progress("loading the demo's concerts");
        run_to_end(catalog.clone().argument("seed-demo").called("onsale-catalog-seed"), SEED).await?;
        progress("starting the programs");
        let queues = plan.copies(|_| plan.queue(&redis.url())).await?;
        let catalogs = plan.copies(|_| catalog.clone()).await?;
        let gateways = plan.copies(|copy| plan.gateway(copy, &queues, &catalogs)).await?;
        let observers = None;
        let mut stack = Self { redis, postgres, queues, catalogs, gateways, observers, secrets, tenure };
        for program in stack.programs_mut() {
            program.until_ready().await?;
        }
        if let Some(traces) = traces {
            progress("starting Prometheus and the exporters");
            stack.observe(traces).await?;
        }
        stack.record()?;
        Ok(stack)
    }

    async fn observe(&mut self, traces: Service) -> Result<(), StackError> {
        let folder = self.folder().path().to_owned();
        let stores = (&self.redis, &self.postgres);
        let observers = Observers::start(traces, stores, self.programs(), folder).await?;
        self.observers = Some(observers);
        Ok(())
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        self.tenure.folder()
    }

    /// The programs, in the order in which they stop.
    pub fn programs(&self) -> impl Iterator<Item = &Service> {
        self.gateways.iter().chain(&self.catalogs).chain(&self.queues)
    }

    /// The programs, to do something to them.
    pub fn programs_mut(&mut self) -> impl Iterator<Item = &mut Service> {
        self.gateways.iter_mut().chain(&mut self.catalogs).chain(&mut self.queues)
    }

    /// What clients and operators have to know of it. Addresses stay; what is restarted is another process.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::of(self.addresses(), self.running(), &self.secrets)
    }

    /// The processes that run.
    #[must_use]
    pub fn running(&self) -> Vec<Running> {
        let mut processes =
            vec![("redis".to_owned(), self.redis.pid()), ("postgres".to_owned(), self.postgres.pid())];
        processes.extend(self.programs().map(|program| (program.name().to_owned(), program.pid())));
        processes.extend(self.observers.iter().flat_map(Observers::pids));
        processes.iter().filter_map(|(name, pid)| Running::now(name, *pid)).collect()
    }

    /// Where it runs.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        Addresses {
            gateways: self.gateways.iter().map(|gateway| gateway.url("http")).collect(),
            redis_port: self.redis.port(),
            postgres_port: self.postgres.port(),
            prometheus: self.observers.as_ref().map(|observers| observers.prometheus.url()),
            traces: self.observers.as_ref().map(|observers| observers.traces.url("ops")),
            ops: self.programs().map(|program| (program.name().to_owned(), program.url("ops"))).collect(),
        }
    }

    /// Says in the folder what runs: to be said again after something was restarted.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record(&self) -> Result<(), StackError> {
        self.tenure.record(self.running(), Some(self.addresses()))
    }

    /// What has ended by itself, with how it ended.
    pub fn ended(&mut self) -> Vec<(String, String)> {
        let mut ended = Vec::new();
        let servers = [("redis", self.redis.ended()), ("postgres", self.postgres.ended())];
        ended.extend(
            servers.into_iter().filter_map(|(name, status)| Some((name.to_owned(), status?.to_string()))),
        );
        let programs = self.programs_mut().filter_map(|program| {
            let status = program.ended()?.to_string();
            Some((program.name().to_owned(), status))
        });
        ended.extend(programs);
        ended.extend(self.observers.iter_mut().flat_map(Observers::ended));
        ended
    }

    /// Stops everything, the stores last, since the programs need them to the end. What watches sees them stop.
    ///
    /// # Errors
    /// Something does not end in time. Whatever is left is killed.
    pub async fn stop(mut self) -> Result<(), StackError> {
        for program in self.programs_mut() {
            program.stop().await?;
        }
        if let Some(observers) = self.observers.take() {
            observers.stop().await?;
        }
        self.redis.stop().await?;
        self.postgres.stop().await
    }
}

/// A taken address is better known before everything else is started.
fn is_free(address: SocketAddr) -> Result<(), StackError> {
    TcpListener::bind(address).map(drop).map_err(|source| StackError::AddressTaken { address, source })
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
