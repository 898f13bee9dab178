//! Where instruments are kept, and how they are read.

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

use crate::{TelemetryError, traces};

/// Bounds in seconds for durations: from half a millisecond, since a poll takes about that, to ten seconds,
/// since no call may take longer. OpenTelemetry's own are made for milliseconds.
pub(crate) const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The instruments of one program.
#[derive(Debug)]
pub(crate) struct Metrics {
    provider: SdkMeterProvider,
    registry: Registry,
}

impl Metrics {
    pub(crate) fn new(service_name: &'static str) -> Result<Self, TelemetryError> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            // The name of the crate that made an instrument is of no use in a query, and every series would carry it.
            .scope_info_enabled(false)
            .build()
            .map_err(|error| TelemetryError::Metrics(error.to_string()))?;
        let provider = SdkMeterProvider::builder()
            .with_reader(exporter)
            .with_resource(traces::resource(service_name))
            .build();
        Ok(Self { provider, registry })
    }

    pub(crate) fn meter(&self) -> Meter {
        self.provider.meter("onsale")
    }

    pub(crate) fn render(&self) -> Result<String, TelemetryError> {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(|error| TelemetryError::Metrics(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Instruments;

    #[test]
    fn durations_have_bounds_in_seconds_unless_they_have_their_own_and_no_scope_labels() {
        let metrics = Metrics::new("onsale-test").unwrap();
        let instruments = Instruments::new(metrics.meter());
        let duration = instruments.durations::<()>("http.server.request.duration", "Time");
        duration.took(Duration::from_micros(400), ());
        instruments.sizes::<()>("onsale.queue.wait", "s", "Time", &[60.0, 3_600.0]).record(90.0, ());
        metrics.meter().u64_counter("onsale.joins").build().add(3, &[]);

        let text = metrics.render().unwrap();

        assert!(text.contains(r#"http_server_request_duration_seconds_bucket{le="0.0005"} 1"#), "{text}");
        assert!(text.contains(r#"onsale_queue_wait_seconds_bucket{le="3600"} 1"#), "{text}");
        assert!(
            !text.contains(r#"onsale_queue_wait_seconds_bucket{le="0.0005"}"#),
            "bounds of its own: {text}"
        );
        assert!(text.contains("onsale_joins_total 3"), "{text}");
        assert!(text.contains(r#"service_name="onsale-test""#), "{text}");
        assert!(!text.contains("otel_scope"), "{text}");
    }

    #[test]
    fn two_programs_in_one_process_do_not_mix() {
        let (one, other) = (Metrics::new("one").unwrap(), Metrics::new("other").unwrap());
        one.meter().u64_counter("onsale.joins").build().add(1, &[]);

        assert!(one.render().unwrap().contains("onsale_joins_total"));
        assert!(!other.render().unwrap().contains("onsale_joins_total"));
    }
}
