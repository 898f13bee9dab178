use std::{
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use onsale_telemetry::{Instruments, Telemetry, TelemetryError};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{AnnounceError, BindError, ProcessConfig, Readiness, Shutdown, announce, bind, metrics, ops};

/// The ops port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The port is taken or refused.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system does not say which port was opened.
    #[error("learn the address of the ops port: {0}")]
    Address(#[from] io::Error),
}

/// What every program has besides its own work. Lives as long as the program; with it ends the ops port.
#[derive(Debug)]
pub struct Process {
    config: ProcessConfig,
    shutdown: Shutdown,
    readiness: Readiness,
    telemetry: Arc<Telemetry>,
    ops_address: OnceLock<SocketAddr>,
    ops_stop: CancellationToken,
    _ops_guard: DropGuard,
}

impl Process {
    /// Starts telemetry, and opens no port yet. Needs a tokio runtime.
    ///
    /// # Errors
    /// Telemetry is configured wrongly.
    pub fn start(config: &ProcessConfig, service_name: &'static str) -> Result<Self, TelemetryError> {
        let telemetry = Arc::new(Telemetry::init(&config.telemetry, service_name)?);
        let shutdown = Shutdown::new(config.grace);
        let readiness = Readiness::new();
        unready_when_stopping(&shutdown, &readiness);
        let ops_stop = CancellationToken::new();
        measure(telemetry.instruments(), &readiness, &ops_stop);
        Ok(Self {
            config: config.clone(),
            shutdown,
            readiness,
            telemetry,
            ops_address: OnceLock::new(),
            _ops_guard: ops_stop.clone().drop_guard(),
            ops_stop,
        })
    }

    /// When to stop.
    #[must_use]
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Whether the program can do its work.
    #[must_use]
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Where the program's instruments are made.
    #[must_use]
    pub fn telemetry(&self) -> &Arc<Telemetry> {
        &self.telemetry
    }

    /// Opens the ops port, and serves it until this value is dropped: also while the program is stopping.
    ///
    /// # Errors
    /// The port is taken or refused.
    pub async fn open_ops(&self) -> Result<SocketAddr, OpsError> {
        let listener = bind(self.config.ops_listen).await?;
        let address = *self.ops_address.get_or_init({
            let address = listener.local_addr()?;
            move || address
        });
        let (readiness, telemetry) = (self.readiness.clone(), Arc::clone(&self.telemetry));
        let stop = self.ops_stop.clone().cancelled_owned();
        tokio::spawn(async move {
            if let Err(error) = ops::serve(listener, readiness, telemetry, stop).await {
                tracing::error!(%error, "the ops port is closed");
            }
        });
        Ok(address)
    }

    /// Logs the addresses that the program has bound, the ops port's with them, and writes them to the address
    /// file where there is one. Called once all ports are open.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn announce(&self, bound: &[(&str, SocketAddr)]) -> Result<(), AnnounceError> {
        let ops = self.ops_address.get().map(|address| ("ops", *address));
        let addresses: announce::Addresses =
            bound.iter().copied().chain(ops).map(|(name, address)| (name.to_owned(), address)).collect();
        tracing::info!(?addresses, "listening");
        match &self.config.address_file {
            Some(path) => announce::write(path, &addresses).await,
            None => Ok(()),
        }
    }
}

/// Measures what every program has, until `stop`.
fn measure(instruments: &Instruments, readiness: &Readiness, stop: &CancellationToken) {
    metrics::of_readiness(instruments, readiness);
    metrics::of_system(instruments);
    metrics::of_runtime(instruments);
    let delays = metrics::poll_delays(instruments.clone());
    tokio::spawn(stop.clone().run_until_cancelled_owned(delays));
}

/// The first thing about stopping is that nobody new should come.
fn unready_when_stopping(shutdown: &Shutdown, readiness: &Readiness) {
    let running = readiness.condition("running");
    running.ready();
    let soft = shutdown.soft().clone();
    tokio::spawn(async move {
        soft.cancelled().await;
        running.unready("stopping");
    });
}
