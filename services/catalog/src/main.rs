//! The program `onsale-catalog`: see the crate's documentation, and `--help`.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use onsale_catalog::{
    Catalog, Config, Task, demo::DemoPlan, domain::ScheduleId, events, house, store::postgres::PostgresStore,
};
use onsale_process::Process;
use time::OffsetDateTime;

/// Reading whole tables takes longer than a request may.
const CHECKING: Duration = Duration::from_mins(1);

fn main() -> ExitCode {
    onsale_process::run("onsale-catalog", start)
}

async fn start(config: Config, process: Process) -> anyhow::Result<()> {
    match config.task.clone().unwrap_or(Task::Serve) {
        Task::Serve => Box::pin(Catalog::bind(config, process).await?.run()).await,
        Task::Migrate => store(&config)?.migrate().await.map_err(Into::into),
        Task::Check => check(&config).await,
        Task::SeedDemo => seed_demo(&config).await,
        Task::Events { schedule } => print_events(&config, schedule).await,
        Task::Import { file, dry_run } => import(&config, &file, dry_run).await,
    }
}

fn store(config: &Config) -> anyhow::Result<PostgresStore> {
    Ok(PostgresStore::new(&config.database.connect_options().map_err(anyhow::Error::msg)?))
}

async fn check(config: &Config) -> anyhow::Result<()> {
    let mut options = config.database.connect_options().map_err(anyhow::Error::msg)?;
    options.bound = CHECKING;
    let findings = PostgresStore::new(&options).check().await?;
    for finding in &findings {
        writeln!(io::stdout(), "{}", serde_json::to_string(finding)?).context("print what was found")?;
    }
    anyhow::ensure!(findings.iter().all(|finding| finding.broken.is_empty()), "something is broken");
    Ok(())
}

async fn seed_demo(config: &Config) -> anyhow::Result<()> {
    let store = store(config)?;
    store.migrate().await?;
    let began_at = Instant::now();
    let outcome = store.load_demo(&DemoPlan::of(OffsetDateTime::now_utc().date())).await?;
    tracing::info!(?outcome, took = ?began_at.elapsed(), "the demo is there");
    Ok(())
}

async fn import(config: &Config, file: &Path, dry_run: bool) -> anyhow::Result<()> {
    let text = tokio::fs::read_to_string(file).await.with_context(|| format!("read {}", file.display()))?;
    let house = house::read(&text).with_context(|| format!("read {}", file.display()))?;
    let store = store(config)?;
    store.migrate().await?;
    let outcome =
        store.import(&house, dry_run).await.with_context(|| format!("import {}", file.display()))?;
    tracing::info!(?outcome, dry_run, "the house's data is there");
    Ok(())
}

async fn print_events(config: &Config, schedule: u64) -> anyhow::Result<()> {
    let schedule = ScheduleId::try_from(schedule).context("read --schedule")?;
    let mut out = io::BufWriter::new(io::stdout());
    events::print(&store(config)?, schedule, &mut out).await.map_err(Into::into)
}
