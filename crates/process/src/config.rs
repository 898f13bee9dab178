use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use onsale_telemetry::TelemetryConfig;

/// The ops port, unless told otherwise.
pub(crate) const OPS_LISTEN: &str = "127.0.0.1:9464";

/// A program's settings, all declared in one struct.
pub trait Config: clap::Parser + Send + 'static {
    /// The settings that every program has.
    fn process(&self) -> &ProcessConfig;

    /// Says what is wrong with settings that are right one by one.
    ///
    /// # Errors
    /// One line for the operator, without secrets.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// The settings that every program has, flattened into its own.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Process")]
pub struct ProcessConfig {
    /// Where to serve `/livez`, `/readyz` and `/metrics`; keep it off the public network
    #[arg(long, env = "ONSALE_OPS_LISTEN", default_value = OPS_LISTEN)]
    pub ops_listen: SocketAddr,

    /// How long to go on after the first signal with what is in flight, in seconds
    #[arg(long = "grace-seconds", env = "ONSALE_GRACE_SECONDS", default_value = "20", value_parser = seconds)]
    pub grace: Duration,

    /// Where to write the addresses that were bound, as JSON
    #[arg(long, env = "ONSALE_ADDRESS_FILE")]
    pub address_file: Option<PathBuf>,

    /// Logs and traces.
    #[command(flatten)]
    pub telemetry: TelemetryConfig,
}

impl Default for ProcessConfig {
    /// An ops port of its own choice, a short grace and readable logs: meant for tests.
    fn default() -> Self {
        Self {
            ops_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            grace: Duration::from_secs(5),
            address_file: None,
            telemetry: TelemetryConfig::default(),
        }
    }
}

fn seconds(value: &str) -> Result<Duration, String> {
    let seconds: f64 = value.parse().map_err(|_| "not a number".to_owned())?;
    if !(0.0..=3600.0).contains(&seconds) {
        return Err("not between 0 and 3600".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}
