use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry_proto::tonic::{
    common::v1::{InstrumentationScope, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, Span, status::StatusCode},
};
use prost::Message as _;

pub(super) type TraceId = [u8; 16];

/// What a span costs beside what it was sent as.
const PER_SPAN: usize = 256;

/// The latest traces, as many as fit.
pub(super) struct Traces {
    kept: Mutex<Kept>,
    most_bytes: usize,
}

#[derive(Default)]
struct Kept {
    traces: HashMap<TraceId, Trace>,
    /// The one that came first is forgotten first.
    order: VecDeque<TraceId>,
    counts: Counts,
}

/// What has come, and what of it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) spans_received: u64,
    pub(super) spans_refused: u64,
    pub(super) traces_forgotten: u64,
    pub(super) traces: usize,
    pub(super) bytes: usize,
}

/// Spans with one id, as they came.
#[derive(Clone, Default)]
pub(super) struct Trace {
    pub(super) spans: Vec<KeptSpan>,
    bytes: usize,
}

/// A span, and who made it.
#[derive(Clone)]
pub(super) struct KeptSpan {
    pub(super) resource: Arc<Resource>,
    pub(super) scope: Arc<InstrumentationScope>,
    pub(super) span: Arc<Span>,
}

impl Traces {
    /// Keeps about so many bytes of spans.
    pub(super) fn keeping(most_bytes: usize) -> Self {
        Self { kept: Mutex::default(), most_bytes }
    }

    /// Takes spans, and says how many of them belong to no trace.
    pub(super) fn add(&self, received: Vec<ResourceSpans>) -> u64 {
        let mut kept = self.lock();
        let refused_before = kept.counts.spans_refused;
        for of_resource in received {
            let resource = Arc::new(of_resource.resource.unwrap_or_default());
            for of_scope in of_resource.scope_spans {
                let scope = Arc::new(of_scope.scope.unwrap_or_default());
                for span in of_scope.spans {
                    let (resource, scope) = (Arc::clone(&resource), Arc::clone(&scope));
                    kept.add(KeptSpan { resource, scope, span: Arc::new(span) });
                }
            }
        }
        kept.forget_beyond(self.most_bytes);
        kept.counts.spans_refused - refused_before
    }

    pub(super) fn get(&self, id: &TraceId) -> Option<Trace> {
        self.lock().traces.get(id).cloned()
    }

    /// Every trace, the latest first.
    pub(super) fn all(&self) -> Vec<(TraceId, Trace)> {
        let kept = self.lock();
        let known = kept.order.iter().rev();
        known.filter_map(|id| Some((*id, kept.traces.get(id)?.clone()))).collect()
    }

    pub(super) fn counts(&self) -> Counts {
        let kept = self.lock();
        Counts { traces: kept.traces.len(), ..kept.counts }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, kept: KeptSpan) {
        let Some(id) = TraceId::try_from(&kept.span.trace_id[..]).ok().filter(|id| *id != [0; 16]) else {
            self.counts.spans_refused += 1;
            return;
        };
        let bytes = kept.span.encoded_len() + PER_SPAN;
        let trace = self.traces.entry(id).or_insert_with(|| {
            self.order.push_back(id);
            Trace::default()
        });
        trace.spans.push(kept);
        trace.bytes += bytes;
        self.counts.spans_received += 1;
        self.counts.bytes += bytes;
    }

    fn forget_beyond(&mut self, most_bytes: usize) {
        while self.counts.bytes > most_bytes {
            let Some(oldest) = self.order.pop_front() else { return };
            let forgotten = self.traces.remove(&oldest).unwrap_or_default();
            self.counts.bytes -= forgotten.bytes;
            self.counts.traces_forgotten += 1;
        }
    }
}

impl Trace {
    /// From the first beginning to the last end, in nanoseconds since 1970.
    pub(super) fn interval(&self) -> (u64, u64) {
        let began = self.spans.iter().map(|kept| kept.span.start_time_unix_nano).min();
        let ended = self.spans.iter().map(|kept| kept.span.end_time_unix_nano).max();
        (began.unwrap_or_default(), ended.unwrap_or_default())
    }

    pub(super) fn nanos(&self) -> u64 {
        let (began, ended) = self.interval();
        ended.saturating_sub(began)
    }

    /// The span that no other span of the trace is the parent of, and that began first.
    pub(super) fn root(&self) -> Option<&KeptSpan> {
        self.roots().first().copied()
    }

    /// Spans whose parent is not here: the client's own, or one that is still under way.
    pub(super) fn roots(&self) -> Vec<&KeptSpan> {
        self.sorted(|kept| !self.spans.iter().any(|other| other.span.span_id == kept.span.parent_span_id))
    }

    pub(super) fn children(&self, of: &KeptSpan) -> Vec<&KeptSpan> {
        self.sorted(|kept| {
            kept.span.parent_span_id == of.span.span_id && kept.span.span_id != of.span.span_id
        })
    }

    fn sorted(&self, which: impl Fn(&KeptSpan) -> bool) -> Vec<&KeptSpan> {
        let mut spans: Vec<_> = self.spans.iter().filter(|kept| which(kept)).collect();
        spans.sort_by_key(|kept| kept.span.start_time_unix_nano);
        spans
    }
}

impl KeptSpan {
    /// The program's name.
    pub(super) fn program(&self) -> &str {
        let mut attributes = self.resource.attributes.iter();
        let name = attributes.find(|attribute| attribute.key == "service.name");
        match name.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
            Some(Value::StringValue(name)) => name,
            _ => "unknown",
        }
    }

    pub(super) fn nanos(&self) -> u64 {
        self.span.end_time_unix_nano.saturating_sub(self.span.start_time_unix_nano)
    }

    pub(super) fn failed(&self) -> bool {
        self.span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error)
    }
}

#[cfg(test)]
mod tests;
