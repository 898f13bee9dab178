//! Traces as Tempo's API gives them: JSON with ids in base64, or the message itself.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{ResourceSpans, ScopeSpans, Span, TracesData, span::Event},
};
use prost::Message as _;
use serde_json::{Value as Json, json};

use super::{
    kept::{KeptSpan, Trace, TraceId},
    shown::hex,
};

/// The message, which Grafana asks for.
pub(super) fn message(trace: &Trace) -> Vec<u8> {
    let of_span = |kept: &KeptSpan| ResourceSpans {
        resource: Some((*kept.resource).clone()),
        scope_spans: vec![ScopeSpans {
            scope: Some((*kept.scope).clone()),
            spans: vec![(*kept.span).clone()],
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    };
    TracesData { resource_spans: trace.spans.iter().map(of_span).collect() }.encode_to_vec()
}

pub(super) fn json(trace: &Trace) -> Json {
    let batch = |kept: &KeptSpan| {
        json!({
            "resource": { "attributes": attributes(&kept.resource.attributes) },
            "scopeSpans": [{ "scope": { "name": kept.scope.name }, "spans": [span(&kept.span)] }],
        })
    };
    json!({ "batches": trace.spans.iter().map(batch).collect::<Vec<_>>() })
}

/// A line of a search's answer.
pub(super) fn found(id: &TraceId, trace: &Trace) -> Json {
    let root = trace.root();
    json!({
        "traceID": hex(id),
        "rootServiceName": root.map(KeptSpan::program),
        "rootTraceName": root.map(|root| root.span.name.as_str()),
        "startTimeUnixNano": trace.interval().0.to_string(),
        "durationMs": trace.nanos() / 1_000_000,
    })
}

fn span(span: &Span) -> Json {
    let links = span.links.iter().map(|link| {
        json!({ "traceId": STANDARD.encode(&link.trace_id), "spanId": STANDARD.encode(&link.span_id) })
    });
    let status = span.status.clone().unwrap_or_default();
    json!({
        "traceId": STANDARD.encode(&span.trace_id),
        "spanId": STANDARD.encode(&span.span_id),
        "parentSpanId": STANDARD.encode(&span.parent_span_id),
        "name": span.name,
        "kind": span.kind().as_str_name(),
        "startTimeUnixNano": span.start_time_unix_nano.to_string(),
        "endTimeUnixNano": span.end_time_unix_nano.to_string(),
        "attributes": attributes(&span.attributes),
        "events": span.events.iter().map(event).collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "status": { "code": status.code().as_str_name(), "message": status.message },
    })
}

fn event(event: &Event) -> Json {
    json!({
        "timeUnixNano": event.time_unix_nano.to_string(),
        "name": event.name,
        "attributes": attributes(&event.attributes),
    })
}

fn attributes(attributes: &[KeyValue]) -> Vec<Json> {
    attributes.iter().map(|one| json!({ "key": one.key, "value": value(one.value.as_ref()) })).collect()
}

fn value(any: Option<&AnyValue>) -> Json {
    match any.and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => json!({ "stringValue": text }),
        Some(Value::BoolValue(truth)) => json!({ "boolValue": truth }),
        Some(Value::IntValue(number)) => json!({ "intValue": number.to_string() }),
        Some(Value::DoubleValue(number)) => json!({ "doubleValue": number }),
        Some(Value::BytesValue(bytes)) => json!({ "bytesValue": STANDARD.encode(bytes) }),
        Some(Value::ArrayValue(array)) => {
            let values: Vec<_> = array.values.iter().map(|one| value(Some(one))).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Some(Value::KvlistValue(list)) => json!({ "kvlistValue": { "values": attributes(&list.values) } }),
        // The index of a text that OTLP's profiles keep elsewhere; spans have none.
        Some(Value::StringValueStrindex(_)) | None => json!({}),
    }
}
