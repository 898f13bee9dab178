//! The program `onsale-catalog`: see the crate's documentation, and `--help`.

use std::{process::ExitCode, time::Instant};

use onsale_catalog::{Catalog, Config, Task, demo::DemoPlan, store::postgres::PostgresStore};
use onsale_process::Process;
use time::OffsetDateTime;

fn main() -> ExitCode {
    onsale_process::run("onsale-catalog", start)
}

async fn start(config: Config, process: Process) -> anyhow::Result<()> {
    match config.task.unwrap_or(Task::Serve) {
        Task::Serve => Catalog::bind(config, process).await?.run().await,
        Task::Migrate => store(&config)?.migrate().await.map_err(Into::into),
        Task::SeedDemo => seed_demo(&config).await,
    }
}

fn store(config: &Config) -> anyhow::Result<PostgresStore> {
    Ok(PostgresStore::new(&config.database.connect_options().map_err(anyhow::Error::msg)?))
}

async fn seed_demo(config: &Config) -> anyhow::Result<()> {
    let store = store(config)?;
    store.migrate().await?;
    let began_at = Instant::now();
    let outcome = store.load_demo(&DemoPlan::of(OffsetDateTime::now_utc().date())).await?;
    tracing::info!(?outcome, took = ?began_at.elapsed(), "the demo is there");
    Ok(())
}
