//! What can be typed.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    capacity::{self, CapacityOptions},
    compare::{self, CompareOptions},
    overload::{self, OverloadOptions},
    report,
    run::{self, RunOptions},
};

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
    /// Find the highest rate at which everything that was promised is kept
    Capacity(CapacityOptions),
    /// Offer more than the system bears, and see what becomes of visitors
    Overload(OverloadOptions),
    /// Measure the four calls by wrk, a closed loop, as others did
    Compare(CompareOptions),
    /// Write a report on runs and searches
    Report(report::Options),
    /// Write figures of a report into documents, between their marks
    Document(report::DocumentOptions),
}

impl Command {
    /// Does what was typed.
    ///
    /// # Errors
    /// It could not be done, which says nothing about what was to be tested.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.task {
            Task::Run(options) => run::run(&options, &say).await,
            Task::Capacity(options) => capacity::find(&options, &say).await,
            Task::Overload(options) => overload::overload(&options, &say).await,
            Task::Compare(options) => compare::compare(&options, &say).await,
            Task::Report(options) => Ok(report::report(&options)?),
            Task::Document(options) => Ok(report::document(&options)?),
        }
    }
}

/// Tells the person at the terminal.
fn say(text: &str) {
    // Nobody reads it on a closed terminal.
    let _ = writeln!(io::stdout(), "{text}");
}
