//! The program `onsale-queue`: see the crate's documentation, and `--help`.

use std::process::ExitCode;

use onsale_process::Process;
use onsale_queue::{Config, Queue};

fn main() -> ExitCode {
    onsale_process::run("onsale-queue", start)
}

async fn start(config: Config, process: Process) -> anyhow::Result<()> {
    Queue::bind(config, process).await?.run().await
}
