//! Which spans there are, which are kept, and where they go.

mod counts;
mod exporter;
mod processor;
mod sampler;

use std::sync::Arc;

use opentelemetry::{
    Context, KeyValue,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider, TracerProviderBuilder},
};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

pub(crate) use counts::SpanCounts;
use processor::KeepingProcessor;
use sampler::RecordingSampler;

use crate::{Switch, TelemetryConfig, TelemetryError};

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
    counts: &Arc<SpanCounts>,
) -> Result<SdkTracerProvider, TelemetryError> {
    let builder = SdkTracerProvider::builder().with_resource(resource(service_name));
    let Some(endpoint) = config.otlp_endpoint.as_ref().filter(|_| config.switch == Switch::On) else {
        return Ok(builder.with_sampler(by_ratio(config)).build());
    };
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| TelemetryError::Exporter(error.to_string()))?;
    let processor = KeepingProcessor::batching(exporter, config.trace_slow, Arc::clone(counts));
    Ok(exporting(builder, config).with_span_processor(processor).build())
}

/// Records what may have to be exported. At a ratio of 0 that is nothing, slow or failed though it be.
fn exporting(builder: TracerProviderBuilder, config: &TelemetryConfig) -> TracerProviderBuilder {
    if config.trace_ratio > 0.0 {
        builder.with_sampler(RecordingSampler::new(by_ratio(config)))
    } else {
        builder.with_sampler(by_ratio(config))
    }
}

/// At a ratio of 0 nothing is kept, whatever the caller decided: the one setting that stops it.
fn by_ratio(config: &TelemetryConfig) -> Sampler {
    if config.trace_ratio > 0.0 {
        Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.trace_ratio)))
    } else {
        Sampler::AlwaysOff
    }
}

/// Who speaks, in traces and metrics.
pub(crate) fn resource(service_name: &'static str) -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Resource::builder().with_service_name(service_name).with_attribute(version).build()
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
pub(crate) mod tests;
