//! Which spans there are, which are kept, and where they go.

use opentelemetry::{
    Context,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider, TracerProviderBuilder},
};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use crate::{TelemetryConfig, TelemetryError};

/// The target of the spans that the HTTP and gRPC layers open, one a request. They are of level TRACE.
pub(crate) const REQUEST_SPANS: &str = "otel::tracing";

/// Spans of the transport's inside: many a request, and of no use to who reads a trace.
const INTERNALS: [&str; 9] =
    ["h2", "hyper", "hyper_util", "tonic", "tower", "tokio", "rustls", "opentelemetry", "opentelemetry_sdk"];

/// The trace id of the request that is being handled, in 32 hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    let context = Context::current();
    let span = context.span();
    let span_context = span.span_context();
    span_context.is_valid().then(|| span_context.trace_id().to_string())
}

/// The provider of the process: samples as the caller did, or by ratio, and exports where an endpoint is given.
pub(crate) fn provider(
    config: &TelemetryConfig,
    service_name: &'static str,
) -> Result<SdkTracerProvider, TelemetryError> {
    let builder = sampled(config).with_resource(resource(service_name));
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(builder.build());
    };
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| TelemetryError::Exporter(error.to_string()))?;
    Ok(builder.with_batch_exporter(exporter).build())
}

/// A provider that decides by the configuration, and exports nothing yet.
pub(crate) fn sampled(config: &TelemetryConfig) -> TracerProviderBuilder {
    let ratio = Sampler::TraceIdRatioBased(config.trace_ratio);
    SdkTracerProvider::builder().with_sampler(Sampler::ParentBased(Box::new(ratio)))
}

/// Who speaks, in traces and metrics.
pub(crate) fn resource(service_name: &'static str) -> Resource {
    Resource::builder().with_service_name(service_name).build()
}

/// The layer that turns `tracing` spans into OpenTelemetry's.
pub(crate) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("onsale"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_kept))
}

/// Request spans, spans of level INFO and above outside the transport's inside, and warnings within them.
fn is_kept(metadata: &Metadata<'_>) -> bool {
    if metadata.target() == REQUEST_SPANS {
        return true;
    }
    let least = if metadata.is_span() { Level::INFO } else { Level::WARN };
    *metadata.level() <= least && !is_internal(metadata.target())
}

fn is_internal(target: &str) -> bool {
    let root = target.split_once("::").map_or(target, |(root, _)| root);
    INTERNALS.contains(&root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_known_by_its_whole_name() {
        assert!(is_internal("h2"));
        assert!(is_internal("h2::codec::framed_read"));
        assert!(!is_internal("h2o::pump"));
        assert!(!is_internal("onsale_queue::tonic"));
    }
}
