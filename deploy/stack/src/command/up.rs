use std::{fs, net::TcpListener, process::ExitCode, time::Duration};

use anyhow::Context as _;

use super::{
    UpOptions,
    folder::Folder,
    record::{Addresses, Record, Running},
    say,
    secrets::Secrets,
    signals::Signals,
    stack::{Stack, nth},
    summary,
};

/// How often to look whether something has ended by itself.
const WATCH: Duration = Duration::from_secs(1);

/// Starts everything, and runs it until somebody asks for the end.
pub(super) async fn up(options: &UpOptions) -> anyhow::Result<ExitCode> {
    let folder = Folder::open(&options.folder.path)?;
    let _lock = folder.lock()?;
    free(options)?;
    let _ = fs::remove_file(folder.ready());
    let secrets = Secrets::load_or_make(&folder)?;
    let mut signals = Signals::listen().context("listen to signals")?;
    // So that it can be stopped while it is starting.
    record(&folder, Vec::new(), None)?;
    let started = tokio::select! {
        started = Stack::start(options, &folder, &secrets) => started,
        () = signals.next() => {
            say("stopped before everything was up");
            forget(&folder);
            return Ok(ExitCode::FAILURE);
        }
    };
    let outcome = match started {
        Ok(stack) => run(stack, &folder, &mut signals).await,
        Err(error) => Err(error),
    };
    forget(&folder);
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn run(mut stack: Stack, folder: &Folder, signals: &mut Signals) -> anyhow::Result<()> {
    record(folder, stack.running(), Some(stack.addresses()))?;
    let text = summary::text(&stack, folder);
    say(&text);
    say("Ctrl-C or deploy/down stops it; the data stays.");
    fs::write(folder.ready(), text).context("say that everything is ready")?;
    tokio::select! {
        () = signals.next() => {}
        () = watch(&mut stack, folder) => {}
    }
    say("stopping");
    tokio::select! {
        stopped = stack.stop() => stopped.context("stop")?,
        () = signals.next() => say("stopped at once"),
    }
    Ok(())
}

/// Says what ends by itself. The rest runs on: to see that it does is what several copies are for.
async fn watch(stack: &mut Stack, folder: &Folder) {
    let mut known = 0;
    loop {
        tokio::time::sleep(WATCH).await;
        let ended = stack.ended();
        for (name, status) in ended.iter().skip(known) {
            say(&format!("{name} has ended with {status}; logs are in {}", folder.logs().display()));
        }
        known = known.max(ended.len());
    }
}

/// A taken port is better known before everything else is started.
fn free(options: &UpOptions) -> anyhow::Result<()> {
    for copy in 0..options.copies {
        let address = nth(options.listen, copy);
        TcpListener::bind(address).with_context(|| {
            format!("the gateway cannot listen on {address}; --listen takes another address, such as 127.0.0.1:8081")
        })?;
    }
    Ok(())
}

fn record(folder: &Folder, started: Vec<Running>, addresses: Option<Addresses>) -> anyhow::Result<()> {
    let this = Running::this("onsale-stack").context("learn this process's start time")?;
    Record { starter: this, started, addresses }.write(&folder.record())
}

fn forget(folder: &Folder) {
    for file in [folder.ready(), folder.record()] {
        // It may not have come to that.
        let _ = fs::remove_file(file);
    }
}
