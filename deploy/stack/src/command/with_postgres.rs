use std::{ffi::OsString, os::unix::process::ExitStatusExt as _, process::ExitCode};

use anyhow::Context as _;
use onsale_stack::{Postgres, PostgresOptions};

use super::signals::Signals;

/// Tests have a database each, with connections of its own.
const CONNECTIONS: &str = "500";

/// Runs a command beside a Postgres of its own, and ends as the command does.
pub(super) async fn run(command: &[OsString]) -> anyhow::Result<ExitCode> {
    let (program, arguments) = command.split_first().context("name a command")?;
    let mut signals = Signals::listen().context("listen to signals")?;
    let settings = vec![("max_connections".to_owned(), CONNECTIONS.to_owned())];
    let mut postgres = Postgres::start(PostgresOptions { settings, ..PostgresOptions::default() }).await?;
    let url = postgres.create_database("onsale")?;
    let mut child = tokio::process::Command::new(program);
    let mut child = child
        .args(arguments)
        .env("DATABASE_URL", url)
        .kill_on_drop(true)
        .spawn()
        .context("start the command")?;
    let status = tokio::select! {
        status = child.wait() => Some(status.context("wait for the command")?),
        () = signals.next() => None,
    };
    postgres.stop().await?;
    // As a shell has it: 128 and the signal.
    let code =
        status.map_or(Some(130), |status| status.code().or(status.signal().map(|signal| 128 + signal)));
    Ok(code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
