use std::{net::SocketAddr, path::Path, process::ExitStatus, time::Duration};

use nix::sys::signal::Signal;

use super::{ScrapeTarget, tools};
use crate::{
    Port, Postgres, Redis, StackError,
    child::{Child, bound_to_us},
    http,
};

const START: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(10);

/// Tells Prometheus of something that does not speak to it.
#[derive(Debug)]
pub struct Exporter {
    child: Child,
    job: &'static str,
    port: Port,
}

impl Exporter {
    /// Tells of a Redis, as `redis`. Its log is in `folder`.
    ///
    /// # Errors
    /// The exporter is not installed, or does not start.
    pub async fn redis(redis: &Redis, folder: &Path) -> Result<Self, StackError> {
        let names = ["prometheus-redis-exporter", "redis_exporter"];
        // In the environment, since everybody may see a process's arguments.
        let mut settings = vec![("REDIS_ADDR", format!("redis://127.0.0.1:{}", redis.port()))];
        settings.extend(redis.password().map(|password| ("REDIS_PASSWORD", password.to_owned())));
        Self::start("redis", &names, &settings, folder).await
    }

    /// Tells of a Postgres, as `postgres`. Its log is in `folder`.
    ///
    /// # Errors
    /// The exporter is not installed, or does not start.
    pub async fn postgres(postgres: &Postgres, database: &str, folder: &Path) -> Result<Self, StackError> {
        let names = ["prometheus-postgres-exporter", "postgres_exporter"];
        let source = format!("{}?sslmode=disable", postgres.url(database));
        Self::start("postgres", &names, &[("DATA_SOURCE_NAME", source)], folder).await
    }

    /// Tells of this machine, as `node`. Its log is in `folder`.
    ///
    /// # Errors
    /// The exporter is not installed, or does not start.
    pub async fn node(folder: &Path) -> Result<Self, StackError> {
        Self::start("node", &["prometheus-node-exporter", "node_exporter"], &[], folder).await
    }

    async fn start(
        job: &'static str,
        names: &[&str],
        settings: &[(&str, String)],
        folder: &Path,
    ) -> Result<Self, StackError> {
        let program = tools::find(names)?;
        let port = Port::reserve()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port.number()));
        let mut command = bound_to_us(&program);
        command.arg(format!("--web.listen-address={address}"));
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let name = format!("{job}-exporter");
        let child = Child::spawn(&name, command, &folder.join(format!("{name}.log")))?;
        let mut exporter = Self { child, job, port };
        let answers =
            || async move { http::get(address, "/metrics").await.is_some_and(|(now, _)| now == 200) };
        exporter.child.until("answer", START, answers).await?;
        Ok(exporter)
    }

    /// What Prometheus asks.
    #[must_use]
    pub fn target(&self) -> ScrapeTarget {
        ScrapeTarget::new(self.job, self.job, SocketAddr::from(([127, 0, 0, 1], self.port.number())))
    }

    /// The process's id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.pid()
    }

    /// How it ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.status()
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn stop(&mut self) -> Result<(), StackError> {
        self.child.stop(Signal::SIGTERM, STOP).await.map(|_| ())
    }
}
