use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId},
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// Decides as the caller did, or by ratio; and has the spans of traces that are not kept recorded all the same, so that
/// it can be told at their end whether they are worth being seen.
#[derive(Clone, Debug)]
pub(super) struct RecordingSampler {
    kept: Sampler,
}

impl RecordingSampler {
    pub(super) const fn new(kept: Sampler) -> Self {
        Self { kept }
    }
}

impl ShouldSample for RecordingSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let mut result = self.kept.should_sample(parent, trace_id, name, kind, attributes, links);
        if result.decision == SamplingDecision::Drop {
            result.decision = SamplingDecision::RecordOnly;
        }
        result
    }
}
