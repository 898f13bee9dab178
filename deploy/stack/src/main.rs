//! Runs Onsale on this machine, and Postgres for tests: see `onsale-stack --help`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

mod command;

fn main() -> ExitCode {
    let command = command::Command::parse();
    let outcome = tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(command.run()));
    outcome.unwrap_or_else(|error| {
        // Where stderr is closed, the exit code has to do.
        let _ = writeln!(io::stderr(), "onsale-stack: {error:#}");
        ExitCode::FAILURE
    })
}
