use std::{fs, process::ExitCode, time::Duration};

use anyhow::Context as _;
use onsale_stack::{Stack, StackError, StackOptions};

use super::{UpOptions, say, signals::Signals, summary};

/// How often to look whether something has ended by itself.
const WATCH: Duration = Duration::from_secs(1);

/// Starts everything, and runs it until somebody asks for the end.
pub(super) async fn up(options: &UpOptions) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen().context("listen to signals")?;
    let wanted = StackOptions {
        folder: options.folder.path.clone(),
        copies: options.copies,
        listen: Some(options.listen),
        observe: options.observe,
        ..StackOptions::default()
    };
    let started = tokio::select! {
        started = Stack::start(wanted, say) => started,
        () = signals.next() => {
            say("stopped before everything was up");
            return Ok(ExitCode::FAILURE);
        }
    };
    match started {
        Ok(stack) => run(stack, &mut signals).await.map(|()| ExitCode::SUCCESS),
        Err(error @ StackError::AddressTaken { .. }) => {
            Err(error).context("--listen takes another address, such as 127.0.0.1:8081")
        }
        Err(error) => Err(error.into()),
    }
}

async fn run(mut stack: Stack, signals: &mut Signals) -> anyhow::Result<()> {
    let text = summary::text(&stack);
    say(&text);
    say("Ctrl-C or deploy/down stops it; the data stays.");
    fs::write(stack.folder().ready(), text).context("say that everything is ready")?;
    tokio::select! {
        () = signals.next() => {}
        () = watch(&mut stack) => {}
    }
    say("stopping");
    tokio::select! {
        stopped = stack.stop() => stopped.context("stop")?,
        () = signals.next() => say("stopped at once"),
    }
    Ok(())
}

/// Says what ends by itself. The rest runs on: to see that it does is what several copies are for.
async fn watch(stack: &mut Stack) {
    let mut known = 0;
    loop {
        tokio::time::sleep(WATCH).await;
        let ended = stack.ended();
        for (name, status) in ended.iter().skip(known) {
            let logs = stack.folder().logs();
            say(&format!("{name} has ended with {status}; logs are in {}", logs.display()));
        }
        known = known.max(ended.len());
    }
}
