//! The smallest program: it opens its ports, is ready, and waits to be stopped.
//!
//! It stands for every program in the tests of how a process starts and ends.

use std::{net::SocketAddr, process::ExitCode};

use clap::{Parser, ValueEnum};
use onsale_process::{Config, Process, ProcessConfig, bind};

#[derive(Parser)]
struct Settings {
    /// Where to serve
    #[arg(long, env = "ONSALE_LISTEN", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What to do when asked to stop
    #[arg(long, value_enum, default_value_t = Manner::Obey)]
    manner: Manner,
    #[command(flatten)]
    process: ProcessConfig,
}

#[derive(Clone, Copy, ValueEnum)]
enum Manner {
    /// Stop softly
    Obey,
    /// Wait to be told to stop at once
    Finish,
    /// Go on for ever
    Ignore,
    /// Fail before being asked
    Fail,
}

impl Config for Settings {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}

async fn serve(settings: Settings, process: Process) -> anyhow::Result<()> {
    let listener = bind(settings.listen).await?;
    process.open_ops().await?;
    let store = process.readiness().condition("store");
    process.announce(&[("http", listener.local_addr()?)]).await?;
    store.ready();
    match settings.manner {
        Manner::Obey => process.shutdown().soft().cancelled().await,
        Manner::Finish => process.shutdown().hard().cancelled().await,
        Manner::Ignore => std::future::pending().await,
        Manner::Fail => anyhow::bail!("the store is on fire"),
    }
    Ok(())
}

fn main() -> ExitCode {
    onsale_process::run("onsale-program", serve)
}
