use std::time::Duration;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// What a program logs and where its traces go. Flattened into each program's configuration.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Telemetry")]
pub struct TelemetryConfig {
    /// What to log: a level, or directives such as `info,onsale_queue=debug`
    #[arg(long, env = "ONSALE_LOG", default_value = "info", value_parser = directives)]
    pub log: String,

    /// How to write a log line
    #[arg(long, env = "ONSALE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Json)]
    pub log_format: LogFormat,

    /// Where to send spans by OTLP over gRPC, such as `http://127.0.0.1:4317`; without it none are sent
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,

    /// The share of traces to keep, 0 to 1, where the caller has not decided; at 0 none is kept at all
    #[arg(long, env = "ONSALE_TRACE_RATIO", default_value_t = 0.01, value_parser = ratio)]
    pub trace_ratio: f64,

    /// How long something may take before its span is kept although its trace is not, in milliseconds
    #[arg(long = "trace-slow-ms", env = "ONSALE_TRACE_SLOW_MS", default_value = "500", value_parser = milliseconds)]
    pub trace_slow: Duration,

    /// Whether to measure and to trace at all; `off` is for finding out what it costs
    #[arg(long = "telemetry", env = "ONSALE_TELEMETRY", value_enum, default_value_t = Switch::On)]
    pub switch: Switch,
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// One readable line, for a terminal.
    Pretty,
}

impl Default for TelemetryConfig {
    /// What the environment variables default to, but readable: meant for tests and tools.
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            log_format: LogFormat::Pretty,
            otlp_endpoint: None,
            trace_ratio: 0.01,
            trace_slow: Duration::from_millis(500),
            switch: Switch::On,
        }
    }
}

fn directives(value: &str) -> Result<String, String> {
    EnvFilter::try_new(value).map(|_| value.to_owned()).map_err(|error| error.to_string())
}

fn ratio(value: &str) -> Result<f64, String> {
    let ratio: f64 = value.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&ratio) { Ok(ratio) } else { Err("not between 0 and 1".to_owned()) }
}

fn milliseconds(value: &str) -> Result<Duration, String> {
    let whole: u32 = value.parse().map_err(|_| "not a whole number".to_owned())?;
    Ok(Duration::from_millis(whole.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_between_0_and_1() {
        assert_eq!(ratio("0.25"), Ok(0.25));
        for wrong in ["-0.1", "1.1", "NaN", "half"] {
            assert!(ratio(wrong).is_err(), "{wrong} was taken");
        }
    }

    #[test]
    fn directives_are_checked() {
        assert!(directives("info,onsale_queue=debug").is_ok());
        assert!(directives("onsale_queue=loud").is_err());
    }
}
