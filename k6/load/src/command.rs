//! What can be typed.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::run::{self, RunOptions};

/// Load tests of an Onsale: runs them, judges whether they can be believed, finds capacity, and writes reports.
#[derive(Parser)]
#[command(name = "onsale-load", version)]
pub struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run scenarios, and say whether they passed: exit status 0 for passed, 1 for failed, 3 for not valid
    Run(RunOptions),
}

impl Command {
    /// Does what was typed.
    ///
    /// # Errors
    /// It could not be done, which says nothing about what was to be tested.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.task {
            Task::Run(options) => run::run(&options, &say).await,
        }
    }
}

/// Tells the person at the terminal.
fn say(text: &str) {
    // Nobody reads it on a closed terminal.
    let _ = writeln!(io::stdout(), "{text}");
}
