use std::{
    future::Future,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use tokio::runtime::Runtime;

use crate::{Config, Process, Shutdown, parse::parse, probe::probe};

/// A wrong setting.
const MISCONFIGURED: u8 = 2;

/// How long a program has to end after it has been told to stop at once.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// How long spans may take to be sent at the end.
const FLUSH: Duration = Duration::from_secs(5);

/// Runs a program from its command line and environment to its exit code: 0 when it ended well, 1 when it
/// failed, 2 when a setting is wrong.
pub fn run<C, F, Fut>(service_name: &'static str, program: F) -> ExitCode
where
    C: Config,
    F: FnOnce(C, Process) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    if let Some(code) = probe(service_name) {
        return code;
    }
    let config = match parse::<C>() {
        Ok(config) => config,
        Err(stop) => return stop.into_exit_code(service_name),
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return complain(service_name, &format!("start the runtime: {error}")),
    };
    let code = runtime.block_on(supervise(service_name, config, program));
    // A task that blocks its thread must not keep the program alive.
    runtime.shutdown_timeout(LAST_MOMENT);
    code
}

async fn supervise<C, F, Fut>(service_name: &'static str, config: C, program: F) -> ExitCode
where
    C: Config,
    F: FnOnce(C, Process) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let process = match Process::start(config.process(), service_name) {
        Ok(process) => process,
        Err(error) => return misconfigured(service_name, &error.to_string()),
    };
    if let Err(error) = process.shutdown().on_signals() {
        return complain(service_name, &format!("listen to signals: {error}"));
    }
    let (shutdown, telemetry) = (process.shutdown().clone(), Arc::clone(process.telemetry()));
    let outcome = tokio::select! {
        outcome = program(config, process) => outcome,
        () = overdue(&shutdown) => Err(anyhow::anyhow!("still busy when the grace period was over")),
    };
    let code = report(&outcome);
    telemetry.flush(FLUSH).await;
    code
}

async fn overdue(shutdown: &Shutdown) {
    shutdown.hard().cancelled().await;
    tokio::time::sleep(LAST_MOMENT).await;
}

fn report(outcome: &anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "failed");
            ExitCode::FAILURE
        }
    }
}

/// Says in one line which setting is wrong.
pub(crate) fn misconfigured(program: &str, line: &str) -> ExitCode {
    complain(program, line);
    ExitCode::from(MISCONFIGURED)
}

/// Says in one line why the program does not start. There is no log yet that could say it.
pub(crate) fn complain(program: &str, line: &str) -> ExitCode {
    // Where stderr is closed, the exit code has to do.
    let _ = writeln!(io::stderr(), "{program}: {line}");
    ExitCode::FAILURE
}
