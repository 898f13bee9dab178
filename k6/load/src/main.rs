//! Runs load tests: see `onsale-load --help`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use onsale_load::command::Command;

/// What could not be run is neither passed, failed nor not valid.
const COULD_NOT: u8 = 2;

fn main() -> ExitCode {
    let command = Command::parse();
    let outcome = tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(command.run()));
    outcome.unwrap_or_else(|error| {
        // Where stderr is closed, the exit code has to do.
        let _ = writeln!(io::stderr(), "onsale-load: {error:#}");
        ExitCode::from(COULD_NOT)
    })
}
