use std::{fs, path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use nix::sys::signal::Signal;
use onsale_stack::{Folder, Record, Running, until};

use super::say;

/// Programs finish what is in flight, one after the other.
const STOP: Duration = Duration::from_mins(2);
/// A killed process has no say in it.
const KILL: Duration = Duration::from_secs(10);

/// Stops what `up` has started in that folder, and nothing else.
pub(super) async fn down(path: &Path) -> anyhow::Result<ExitCode> {
    if !path.exists() {
        say("nothing is up");
        return Ok(ExitCode::SUCCESS);
    }
    let folder = Folder::open(path)?;
    let Some(record) = Record::read(&folder.record())? else {
        say("nothing is up");
        return Ok(ExitCode::SUCCESS);
    };
    record.starter.signal(Signal::SIGTERM);
    if !gone(std::slice::from_ref(&record.starter), STOP).await {
        say("it does not stop by itself, and is killed");
        record.starter.signal(Signal::SIGKILL);
    }
    // Left over only where the starter could not stop them.
    record.started.iter().for_each(|running| running.signal(Signal::SIGKILL));
    let all: Vec<Running> = record.started.into_iter().chain([record.starter]).collect();
    if !gone(&all, KILL).await {
        let names: Vec<_> = all.iter().filter(|one| one.runs()).map(|one| one.name.as_str()).collect();
        anyhow::bail!("still running: {}", names.join(", "));
    }
    for file in [folder.record(), folder.ready()] {
        match fs::remove_file(&file) {
            Err(error) if file.exists() => {
                return Err(error).with_context(|| format!("remove {}", file.display()));
            }
            Ok(()) | Err(_) => {}
        }
    }
    say("Onsale is down");
    Ok(ExitCode::SUCCESS)
}

async fn gone(running: &[Running], within: Duration) -> bool {
    let gone = until(within, || {
        let gone = running.iter().all(|one| !one.runs());
        async move { gone.then_some(()) }
    });
    gone.await.is_some()
}
