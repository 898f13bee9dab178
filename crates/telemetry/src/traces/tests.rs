use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span as _, Status, Tracer as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SimpleSpanProcessor, SpanData};

use super::*;

#[test]
fn a_crate_is_known_by_its_whole_name() {
    assert!(is_internal("h2"));
    assert!(is_internal("h2::codec::framed_read"));
    assert!(!is_internal("h2o::pump"));
    assert!(!is_internal("onsale_queue::tonic"));
}

/// A provider as a program's, but that exports each span at once.
pub(crate) fn provider(config: &TelemetryConfig, exporter: InMemorySpanExporter) -> SdkTracerProvider {
    let next = SimpleSpanProcessor::new(exporter);
    let processor = KeepingProcessor::new(next, config.trace_slow, Arc::default());
    exporting(SdkTracerProvider::builder(), config).with_span_processor(processor).build()
}

/// What is exported of a trace that is not kept.
fn exported_of(slow: Duration, code: impl FnOnce(&SdkTracer)) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let config = TelemetryConfig { trace_ratio: 1e-9, trace_slow: slow, ..TelemetryConfig::default() };
    let provider = provider(&config, exporter.clone());
    code(&provider.tracer("test"));
    exporter.get_finished_spans().unwrap()
}

fn kept_as(span: &SpanData) -> Vec<String> {
    let kept = span.attributes.iter().filter(|attribute| attribute.key.as_str() == processor::KEPT);
    kept.map(|attribute| attribute.value.to_string()).collect()
}

#[test]
fn of_a_trace_that_is_not_kept_errors_and_slow_ones_are_exported() {
    let spans = exported_of(Duration::from_millis(500), |tracer| {
        let began = SystemTime::UNIX_EPOCH;
        for (name, took_ms) in [("slow", 500), ("quick", 499)] {
            let mut span = tracer.span_builder(name).with_start_time(began).start(tracer);
            span.end_with_timestamp(began + Duration::from_millis(took_ms));
        }
        let mut failed = tracer.span_builder("failed").with_start_time(began).start(tracer);
        failed.set_status(Status::error("on fire"));
        failed.end_with_timestamp(began);
    });
    let exported: Vec<_> = spans.iter().map(|span| (span.name.as_ref(), kept_as(span))).collect();
    assert_eq!(exported, [("slow", vec!["slow".to_owned()]), ("failed", vec!["error".to_owned()])]);
}

#[test]
fn a_slow_span_is_below_the_slow_span_that_waited_for_it() {
    let spans = exported_of(Duration::ZERO, |tracer| {
        let request = tracer.start("request");
        let _within = Context::current_with_span(request).attach();
        tracer.start("statement").end();
    });
    let [statement, request] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(statement.parent_span_id, request.span_context.span_id());
    assert_eq!(statement.span_context.trace_id(), request.span_context.trace_id());
}

#[test]
fn a_storm_of_errors_is_no_storm_of_spans() {
    let spans = exported_of(Duration::ZERO, |tracer| (0..1000).for_each(|_| tracer.start("failed").end()));
    assert!((100..1000).contains(&spans.len()), "{}", spans.len());
}
