//! Which of the spans that ended are exported.
//!
//! All of a trace that is kept, and of the others those that ended in an error or took long. What is slow within a slow
//! request is slow too, so these spans hang together: the request's, the call's that it waited for, and the statement's
//! at the end. They say why they are there ([`KEPT`]), since the rest of their trace is missing. A storm of errors does
//! not become a storm of spans: so many a second, and no more.
//!
//! Nothing here waits. What finds no place in the queue is dropped and counted; the queue's other end is a thread of its
//! own, so that a receiver that is gone, or that takes connections and never answers, holds up that thread only.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanContext, Status},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor},
};

use super::{
    counts::{DropReason, SpanCounts},
    exporter::CountingExporter,
};

/// The attribute of a span that is exported although its trace is not kept: `error` or `slow`.
pub(super) const KEPT: &str = "onsale.kept";

/// How many spans may wait to be exported: a second of a busy program at a ratio of 0.01, with plenty to spare.
const QUEUE: usize = 2048;

/// How many errors and slow ones of traces that are not kept are exported in a second. More say nothing new.
const KEPT_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Hands on what is worth being seen.
#[derive(Debug)]
pub(super) struct KeepingProcessor<P> {
    next: P,
    slow: Duration,
    limit: DefaultDirectRateLimiter,
    counts: Arc<SpanCounts>,
}

impl KeepingProcessor<BatchSpanProcessor> {
    /// Exports in batches, on a thread of its own.
    pub(super) fn batching<E>(exporter: E, slow: Duration, counts: Arc<SpanCounts>) -> Self
    where
        E: SpanExporter + 'static,
    {
        let exporter = CountingExporter::new(exporter, Arc::clone(&counts));
        let config = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
        let next = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        Self::new(next, slow, counts)
    }
}

impl<P: SpanProcessor> KeepingProcessor<P> {
    pub(super) fn new(next: P, slow: Duration, counts: Arc<SpanCounts>) -> Self {
        let limit = DefaultDirectRateLimiter::direct(Quota::per_second(KEPT_PER_SECOND));
        Self { next, slow, limit, counts }
    }

    /// Why a span of a trace that is not kept is worth being seen.
    fn reason(&self, span: &SpanData) -> Option<&'static str> {
        if matches!(span.status, Status::Error { .. }) {
            return Some("error");
        }
        // A clock that is set back makes no span slow.
        let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
        (took >= self.slow).then_some("slow")
    }

    /// As it is to be exported, where it is.
    fn kept(&self, mut span: SpanData) -> Option<SpanData> {
        if span.span_context.is_sampled() {
            return Some(span);
        }
        let reason = self.reason(&span)?;
        if self.limit.check().is_err() {
            self.counts.dropped(DropReason::TooMany);
            return None;
        }
        span.attributes.push(KeyValue::new(KEPT, reason));
        span.span_context = sampled(&span.span_context);
        Some(span)
    }
}

/// The SDK exports nothing that is not said to be sampled.
fn sampled(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags().with_sampled(true),
        context.is_remote(),
        context.trace_state().clone(),
    )
}

impl<P: SpanProcessor> SpanProcessor for KeepingProcessor<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.next.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        let Some(span) = self.kept(span) else { return };
        // The SDK's own queue has as many places, and is never full: it does not tell how many it drops.
        if self.counts.wait(QUEUE) {
            self.next.on_end(span);
        } else {
            self.counts.dropped(DropReason::QueueFull);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}
