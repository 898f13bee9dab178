//! What the gateway tells of its requests in traces: as a process, to a collector.

use std::{sync::Arc, time::Duration};

use onsale_proto::queue::v1 as pb;
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::task::JoinSet;
use tonic::Status;

use crate::{
    fake_queue::waiting,
    program::Program,
    world::{Answer, token, until},
};

const CLIENTS_SPAN: &str = "b7ad6b7169203331";
/// As many calls with joins are under way at once; who comes then travels with others.
const LANES: usize = 4;
const MOST_LINKS: usize = 32;

/// A trace of this number, which the caller wants kept.
fn kept(request: RequestBuilder, trace: u128) -> RequestBuilder {
    request.header("traceparent", format!("00-{trace:032x}-{CLIENTS_SPAN}-01"))
}

fn of(spans: &[Span], trace: u128) -> Vec<&Span> {
    spans.iter().filter(|span| span.trace_id == trace.to_be_bytes()).collect()
}

fn named<'a>(spans: &[&'a Span], name: &str) -> &'a Span {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found.as_slice() else { panic!("not one {name}: {spans:#?}") };
    span
}

/// What an attribute says, in whatever type.
fn text(attribute: &KeyValue) -> String {
    match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    span.attributes.iter().find(|attribute| attribute.key == key).map(text)
}

#[tokio::test]
async fn a_request_is_below_its_caller_and_above_its_call_and_says_nothing_of_who_asked() {
    let program = Program::start("warn").await;
    program.queue.script().place = Some(waiting(90, 0));
    let shown = token(90);
    let hold = "018f3c9e-5a1b-7c2d-8e3f-4a5b6c7d8e9f";
    let secret = |request: RequestBuilder| {
        request.bearer_auth(&shown).header("user-agent", "a-browser-of-one-kind").header("cookie", "crumb")
    };
    let poll = program.request(Method::GET, "/api/queues/status?userId=somebody&card=4111");
    Answer::of(kept(secret(poll), 1)).await;
    let hold_path = format!("/api/holds/{hold}?card=4111");
    Answer::of(kept(secret(program.request(Method::GET, &hold_path)), 2)).await;
    Answer::of(kept(secret(program.request(Method::GET, "/nowhere/somebody")), 3)).await;
    // Nobody wants this one kept: it goes on nevertheless.
    program.queue.script().last_metadata = None;
    Answer::of(program.request(Method::GET, "/api/queues/status").bearer_auth(&shown)).await;
    let handed_on = program.queue.script().last_metadata.clone().and_then(|(_, traceparent)| traceparent);
    assert!(handed_on.is_some_and(|text| text.ends_with("-00")), "not to be kept, and said so");

    let (collector, _) = program.end().await;
    let spans = collector.spans();
    let poll = of(&spans, 1);
    let (server, client) =
        (named(&poll, "GET /api/queues/status"), named(&poll, "onsale.queue.v1.QueueService/Status"));
    assert_eq!(hex(&server.parent_span_id), CLIENTS_SPAN);
    assert_eq!((server.kind(), client.kind()), (SpanKind::Server, SpanKind::Client));
    assert_eq!(client.parent_span_id, server.span_id);
    assert_eq!(attribute(server, "http.route").as_deref(), Some("/api/queues/status"));
    assert_eq!(attribute(server, "http.response.status_code").as_deref(), Some("Some(IntValue(200))"));
    named(&of(&spans, 2), "GET /api/holds/{holdId}");
    assert_eq!(attribute(named(&of(&spans, 3), "GET"), "http.route"), None, "nothing matched");

    let all = format!("{spans:?}");
    for secret in [shown.as_str(), hold, "somebody", "4111", "a-browser-of-one-kind", "crumb", "user-90"] {
        assert!(!all.contains(secret), "{secret} is in {spans:#?}");
    }
    let traces = [1_u128, 2, 3].map(u128::to_be_bytes);
    assert!(spans.iter().all(|span| traces.iter().any(|trace| span.trace_id == trace)), "{spans:#?}");
}

#[tokio::test]
async fn of_what_is_not_answered_as_asked_only_faults_are_errors() {
    let program = Program::start("error").await;
    let refusal = pb::JoinRefusal {
        reason: pb::join_refusal::Reason::LineFull.into(),
        retry_after_ms: 1_000,
        ..Default::default()
    };
    program.queue.script().refusal = Some(refusal);
    let join = program.request(Method::POST, "/api/queues/token").json(&json!({"userId": 1}));
    Answer::of(kept(join, 1)).await.is_problem(503, "line-full");
    program.catalog.script().failing = Some(Status::unavailable("postgres is away"));
    let concerts = program.request(Method::GET, "/api/concerts");
    Answer::of(kept(concerts, 2)).await.is_problem(503, "unavailable");

    let (collector, _) = program.end().await;
    let spans = collector.spans();
    let refused = named(&of(&spans, 1), "POST /api/queues/token").clone();
    assert_eq!(attribute(&refused, "onsale.problem").as_deref(), Some("line-full"));
    assert_eq!(attribute(&refused, "error.type"), None);
    assert_ne!(refused.status.unwrap_or_default().code(), StatusCode::Error);
    let failed = named(&of(&spans, 2), "GET /api/concerts").clone();
    assert_eq!(attribute(&failed, "error.type").as_deref(), Some("unavailable"));
    assert_eq!(failed.status.unwrap_or_default().code(), StatusCode::Error);
}

#[tokio::test]
async fn joins_that_travel_together_are_linked_with_their_call() {
    let program = Arc::new(Program::start("warn").await);
    program.queue.script().delay = Duration::from_secs(1);
    let join = |trace: usize| {
        let program = Arc::clone(&program);
        async move {
            let request = program.request(Method::POST, "/api/queues/token");
            Answer::of(kept(request.json(&json!({ "userId": trace })), trace as u128)).await.status
        }
    };
    let mut joins = JoinSet::new();
    for trace in 1..=LANES {
        joins.spawn(join(trace));
        until(|| async { program.queue.calls("join") == trace }).await;
    }
    let together = MOST_LINKS + LANES;
    (1..=together).for_each(|number| drop(joins.spawn(join(LANES + number))));
    assert!(joins.join_all().await.iter().all(|status| *status == 201));
    let most = program.queue.script().batches.iter().copied().max().unwrap();

    let (collector, _) = Arc::into_inner(program).unwrap().end().await;
    let spans = collector.spans();
    let batches: Vec<_> = spans.iter().filter(|span| span.name == "join batch").collect();
    let batch = batches.iter().max_by_key(|batch| batch.links.len()).unwrap();
    assert!(most > 1, "some travel together");
    assert_eq!(batch.links.len(), most.min(MOST_LINKS), "{batches:#?}");
    assert_eq!(attribute(batch, "joins"), Some(format!("Some(IntValue({most}))")));
    let parent = spans.iter().find(|span| span.span_id == batch.parent_span_id).unwrap();
    assert_eq!(parent.name, "POST /api/queues/token");
    for link in &batch.links {
        let join = spans.iter().find(|span| span.span_id == link.span_id).unwrap();
        assert!(join.links.iter().any(|back| back.span_id == batch.span_id), "{join:#?}");
    }
    let call = named(&of(&spans, u128::from_be_bytes(*batch.trace_id.first_chunk().unwrap())), CALL);
    assert_eq!(call.parent_span_id, batch.span_id);
}

const CALL: &str = "onsale.queue.v1.QueueService/Join";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
