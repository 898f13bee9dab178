//! What can be typed.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

mod detach;
mod down;
mod signals;
mod summary;
mod traces;
mod up;
mod visit;
mod with_postgres;

/// Runs Onsale with servers of its own on this machine.
#[derive(Parser)]
#[command(name = "onsale-stack", version)]
pub(crate) struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start Redis, Postgres and Onsale's programs, and run them until Ctrl-C
    Up(UpOptions),
    /// Stop what `up` has started
    Down(FolderOption),
    /// Walk visitors through a whole visit of an Onsale that runs, and check what always has to hold
    Visit(visit::VisitOptions),
    /// Receive spans by OTLP, keep the latest traces, and show them
    ReceiveTraces(traces::TracesOptions),
    /// Run a command beside a Postgres that `DATABASE_URL` names, and stop it afterwards
    WithPostgres {
        /// The command and its arguments
        #[arg(trailing_var_arg = true, required = true)]
        command: Vec<OsString>,
    },
}

/// What `up` can be told.
#[derive(Args, Clone)]
pub(crate) struct UpOptions {
    #[command(flatten)]
    folder: FolderOption,

    /// Go on in the background once everything is ready
    #[arg(long)]
    detach: bool,

    /// How many of each program to run
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    copies: u16,

    /// Where the gateway listens; further copies take the ports after it
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Also start Prometheus with Onsale's rules, exporters for Redis, Postgres and this machine, and a receiver of traces
    #[arg(long)]
    observe: bool,
}

/// Where everything is kept.
#[derive(Args, Clone)]
pub(crate) struct FolderOption {
    /// Where data, keys and logs are kept
    #[arg(long = "folder", default_value = ".onsale")]
    path: PathBuf,
}

impl Command {
    /// Does what was typed.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.task {
            Task::Up(options) if options.detach => detach::up(&options).await,
            Task::Up(options) => up::up(&options).await,
            Task::Down(folder) => down::down(&folder.path).await,
            Task::Visit(options) => visit::visit(&options).await,
            Task::ReceiveTraces(options) => traces::receive(&options).await,
            Task::WithPostgres { command } => with_postgres::run(&command).await,
        }
    }
}

/// Tells the person at the terminal.
fn say(text: &str) {
    // Nobody reads it on a closed terminal.
    let _ = writeln!(io::stdout(), "{text}");
}
