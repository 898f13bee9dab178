//! The program `onsale-queue`: see the crate's documentation, and `--help`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use onsale_process::Process;
use onsale_queue::{
    Config, Queue, Task,
    store::redis::{ScriptSources, Store},
    waiting_room::check_rooms,
};
use onsale_telemetry::{Instruments, StoreMetrics, StoreSystem};
use serde_json::json;

/// A room is looked at as it is at one instant, which takes about a second where it has a hundred thousand sessions.
const WHOLE_ROOM: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    onsale_process::run("onsale-queue", start)
}

async fn start(config: Config, process: Process) -> anyhow::Result<()> {
    match config.task.unwrap_or(Task::Serve) {
        Task::Serve => Queue::bind(config, process).await?.run().await,
        Task::Check => check(&config).await,
    }
}

async fn check(config: &Config) -> anyhow::Result<()> {
    // It ends before anybody could read what it measured.
    let metrics = StoreMetrics::new(&Instruments::unread(), StoreSystem::Redis);
    let timeout = config.redis_timeout.max(WHOLE_ROOM);
    let store = Store::connect(&config.redis_url, timeout, ScriptSources::default(), metrics).await?;
    let findings = check_rooms(&store).await?;
    store.close().await;
    for finding in &findings {
        let line = json!({
            "invariant": finding.invariant, "says": finding.says, "checked": finding.checked, "broken": finding.broken,
        });
        writeln!(io::stdout(), "{line}").context("print what was found")?;
    }
    let is_well = findings.iter().all(|finding| finding.broken.is_empty());
    anyhow::ensure!(is_well, "something is broken");
    Ok(())
}
