use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::global;
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::{
    Registry, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    Instruments, Switch, TelemetryConfig,
    logs::{self, LineCounts},
    metrics::Metrics,
    traces::{self, SpanCounts},
};

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

/// What there is once in a process, set up by the first program that starts.
#[derive(Clone, Debug)]
struct Shared {
    traces: SdkTracerProvider,
    spans: Arc<SpanCounts>,
    lines: Arc<LineCounts>,
}

static SHARED: Mutex<Option<Shared>> = Mutex::new(None);

/// A program's telemetry, from its start to its end.
#[derive(Debug)]
pub struct Telemetry {
    /// None where nothing is measured.
    metrics: Option<Metrics>,
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
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let Shared { traces, spans, lines } = match &*shared {
            Some(shared) => shared.clone(),
            None => shared.insert(Shared::start(config, service_name)?).clone(),
        };
        let (metrics, instruments) = match config.switch {
            Switch::On => {
                let metrics = Metrics::new(service_name)?;
                let instruments = Instruments::new(metrics.meter());
                (Some(metrics), instruments)
            }
            Switch::Off => (None, Instruments::unread()),
        };
        spans.be_watched(&instruments);
        lines.be_watched(&instruments);
        Ok(Self { metrics, instruments, traces })
    }

    /// Where the program's instruments are made.
    #[must_use]
    pub fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// All instruments in Prometheus' text format; nothing where nothing is measured.
    ///
    /// # Errors
    /// Two instruments that contradict each other.
    pub fn render_metrics(&self) -> Result<String, TelemetryError> {
        self.metrics.as_ref().map_or_else(|| Ok(String::new()), Metrics::render)
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

impl Shared {
    fn start(config: &TelemetryConfig, service_name: &'static str) -> Result<Self, TelemetryError> {
        let (spans, lines) = (Arc::<SpanCounts>::default(), Arc::<LineCounts>::default());
        let traces = traces::provider(config, service_name, &spans)?;
        global::set_text_map_propagator(TraceContextPropagator::new());
        if subscriber(config, &traces, &lines, io::stderr)?.try_init().is_err() {
            tracing::debug!("another subscriber is in place, and is left there");
        }
        Ok(Self { traces, spans, lines })
    }
}

/// Logs to `writer`, and spans to `traces`.
fn subscriber<W>(
    config: &TelemetryConfig,
    traces: &SdkTracerProvider,
    lines: &Arc<LineCounts>,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let logs = logs::layer(config, Arc::clone(lines), writer)?;
    let spans = (config.switch == Switch::On).then(|| traces::layer(traces));
    Ok(Registry::default().with(spans).with(logs))
}

#[cfg(test)]
mod tests;
