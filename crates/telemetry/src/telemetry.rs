use std::{
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::{global, metrics::Meter};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::{
    Registry, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{Instruments, TelemetryConfig, logs, metrics::Metrics, traces};

/// Why telemetry did not start, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log directives are not understood.
    #[error("read log directives: {0}")]
    Log(String),
    /// The span exporter cannot be made, for one because the endpoint is no address.
    #[error("set up the span exporter: {0}")]
    Exporter(String),
    /// The metrics registry refuses.
    #[error("keep metrics: {0}")]
    Metrics(String),
}

/// The one trace provider of the process, set by the first program that starts.
static TRACES: Mutex<Option<SdkTracerProvider>> = Mutex::new(None);

/// A program's telemetry, from its start to its end.
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
    instruments: Instruments,
    traces: SdkTracerProvider,
}

impl Telemetry {
    /// Sets up logs, traces and metrics for a program of that name.
    ///
    /// Needs a tokio runtime when an OTLP endpoint is configured. In a process where telemetry has been set up
    /// before, logs and traces stay as they are, and only the metrics are new.
    ///
    /// # Errors
    /// Wrong log directives or a wrong endpoint.
    pub fn init(config: &TelemetryConfig, service_name: &'static str) -> Result<Self, TelemetryError> {
        let metrics = Metrics::new(service_name)?;
        let instruments = Instruments::new(metrics.meter());
        let mut current = TRACES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(traces) = &*current {
            return Ok(Self { metrics, instruments, traces: traces.clone() });
        }
        let traces = traces::provider(config, service_name)?;
        global::set_text_map_propagator(TraceContextPropagator::new());
        if subscriber(config, &traces, io::stderr)?.try_init().is_err() {
            tracing::debug!("another subscriber is in place, and is left there");
        }
        *current = Some(traces.clone());
        Ok(Self { metrics, instruments, traces })
    }

    /// Where the program's instruments are made.
    #[must_use]
    pub fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// Where the program's instruments are made.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.metrics.meter()
    }

    /// All instruments in Prometheus' text format.
    ///
    /// # Errors
    /// Two instruments that contradict each other.
    pub fn render_metrics(&self) -> Result<String, TelemetryError> {
        self.metrics.render()
    }

    /// Sends the spans that are waiting, and gives up after `bound`. The last thing that a program does.
    pub async fn flush(&self, bound: Duration) {
        let traces = self.traces.clone();
        // Flushing blocks its thread until the exporter, which needs the runtime, is done.
        let flush = tokio::task::spawn_blocking(move || traces.force_flush());
        match tokio::time::timeout(bound, flush).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "spans are lost"),
            Ok(Err(error)) => tracing::warn!(%error, "spans are lost"),
            Err(_) => tracing::warn!(?bound, "spans are lost: the collector takes too long"),
        }
    }
}

/// Logs to `writer`, and spans to `traces`.
fn subscriber<W>(
    config: &TelemetryConfig,
    traces: &SdkTracerProvider,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let logs = logs::layer(config, writer)?;
    Ok(Registry::default().with(traces::layer(traces)).with(logs))
}

#[cfg(test)]
mod tests;
