//! One call, many traces.

use opentelemetry::trace::TraceContextExt as _;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// So many requests at most are linked with the call that they travel in: a batch may hold hundreds, and who reads a
/// trace needs to see that there were others, and some of them.
const MOST_LINKS: usize = 32;

/// The span for a call that carries these items, each with the span of the request that it came with.
///
/// Where all came with one request, its span is the call's too. Else `open` makes one as the child of the span that it
/// is given: the first that is sampled, so that a kept trace is whole. The sampled requests and the call are linked to
/// and fro; how many were left out is recorded as `batch.unlinked`, if `open` declares that field.
pub fn span_of<'a>(items: impl IntoIterator<Item = &'a Span>, open: impl FnOnce(&Span) -> Span) -> Span {
    let requests = requests(items);
    let [first, _, ..] = requests.as_slice() else {
        return requests.first().map_or_else(Span::none, |only| Span::clone(only));
    };
    let sampled: Vec<&Span> = requests.iter().copied().filter(|request| is_sampled(request)).collect();
    let batch = open(sampled.first().unwrap_or(first));
    for request in sampled.iter().take(MOST_LINKS) {
        batch.follows_from(*request);
        request.follows_from(&batch);
    }
    let unlinked = sampled.len().saturating_sub(MOST_LINKS);
    batch.record("batch.unlinked", i64::try_from(unlinked).unwrap_or(i64::MAX));
    batch
}

/// The items' spans, each once. Items of one request come one after the other.
fn requests<'a>(items: impl IntoIterator<Item = &'a Span>) -> Vec<&'a Span> {
    let mut requests: Vec<&Span> = items.into_iter().collect();
    requests.dedup_by_key(|request| request.id());
    requests
}

fn is_sampled(request: &Span) -> bool {
    request.context().span().span_context().is_sampled()
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context,
        trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState, TracerProvider as _},
    };
    use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};
    use tracing::{field, info_span, subscriber::with_default};
    use tracing_subscriber::{Registry, layer::SubscriberExt as _};

    use super::*;

    /// The spans that are exported when so many requests, the first of them `unsampled`, travel together.
    fn spans(requests: usize, unsampled: usize) -> Vec<SpanData> {
        let exporter = InMemorySpanExporter::default();
        let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
        let provider = SdkTracerProvider::builder().with_sampler(sampler);
        let provider = provider.with_simple_exporter(exporter.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        with_default(Registry::default().with(layer), || {
            let requests: Vec<Span> = (0..requests).map(|which| request(which >= unsampled)).collect();
            // Two items of each request.
            let items = requests.iter().flat_map(|request| [request, request]);
            let open = |parent: &Span| info_span!(parent: parent, "batch", batch.unlinked = field::Empty);
            drop(span_of(items, open));
        });
        exporter.get_finished_spans().unwrap()
    }

    fn request(sampled: bool) -> Span {
        let span = info_span!("request");
        let flags = TraceFlags::default().with_sampled(sampled);
        let id: u128 = Span::id(&span).map_or(1, |id| id.into_u64().into());
        let caller = SpanContext::new(TraceId::from(id), SpanId::from(7), flags, true, TraceState::NONE);
        span.set_parent(Context::new().with_remote_span_context(caller)).unwrap();
        span
    }

    fn linked(span: &SpanData) -> Vec<SpanId> {
        span.links.iter().map(|link| link.span_context.span_id()).collect()
    }

    #[test]
    fn who_travels_together_is_linked_with_the_call_to_and_fro() {
        let spans = spans(4, 1);
        let (batches, requests): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.name == "batch");
        let [batch] = batches.as_slice() else { panic!("one call: {batches:?}") };
        assert_eq!(requests.len(), 3, "one of four is not sampled");
        for request in &requests {
            assert_eq!(linked(request), [batch.span_context.span_id()]);
            assert!(linked(batch).contains(&request.span_context.span_id()));
        }
        assert!(requests.iter().any(|request| request.span_context.span_id() == batch.parent_span_id));
    }

    #[test]
    fn who_travels_alone_needs_no_span_for_it() {
        assert_eq!(spans(1, 0).iter().map(|span| span.name.as_ref()).collect::<Vec<_>>(), ["request"]);
        assert!(spans(3, 3).is_empty(), "nothing is kept of what nobody samples");
    }

    #[test]
    fn links_have_a_bound_and_the_rest_is_counted() {
        let spans = spans(40, 0);
        let batch = spans.iter().find(|span| span.name == "batch").unwrap();
        assert_eq!(batch.links.len(), MOST_LINKS);
        let unlinked = batch.attributes.iter().find(|pair| pair.key.as_str() == "batch.unlinked").unwrap();
        assert_eq!(unlinked.value, 8_i64.into());
        assert_eq!(spans.iter().filter(|span| span.links.len() == 1).count(), MOST_LINKS);
    }
}
