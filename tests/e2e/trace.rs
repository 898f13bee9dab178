//! One trace from a client through every program it reaches.

use std::{collections::BTreeMap, fs};

use onsale_stack::Service;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    api::policy,
    collector::{Collector, Span},
    onsale::{Onsale, Plan},
    wait::until,
};

const CLIENTS_SPAN: &str = "b7ad6b7169203331";

fn traceparent(trace_id: &str) -> String {
    format!("00-{trace_id}-{CLIENTS_SPAN}-01")
}

async fn traced() -> (Onsale, Collector) {
    let (collector, address) = Collector::start().await;
    let all =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", address), ("ONSALE_LOG", "info,onsale_gateway=debug".to_owned())];
    let all = BTreeMap::from(all.map(|(name, value)| (name.to_owned(), value)));
    (Onsale::start_as(Plan { all, ..Plan::default() }).await, collector)
}

/// The spans of a trace, each below one that is there too, but for the first, which is below the client's.
async fn whole_trace(collector: &Collector, trace_id: &str, deepest: &str) -> Vec<Span> {
    let is_there = || async { collector.of(trace_id).iter().any(|span| span.name == deepest) };
    until("the deepest span to be sent", is_there).await;
    let hangs_together = || async {
        let spans = collector.of(trace_id);
        let known = |id: &str| id == CLIENTS_SPAN || spans.iter().any(|span| span.id == id);
        spans.iter().all(|span| known(&span.parent))
            && spans.iter().any(|span| span.parent == CLIENTS_SPAN && span.program == "onsale-gateway")
    };
    until("every span's parent to be sent", hangs_together).await;
    collector.of(trace_id)
}

fn programs(spans: &[Span]) -> Vec<&str> {
    let mut programs: Vec<_> = spans.iter().map(|span| span.program.as_str()).collect();
    programs.sort_unstable();
    programs.dedup();
    programs
}

/// The lines of a program's log with that trace id.
fn lines_of(program: &Service, trace_id: &str) -> Vec<Value> {
    let log = fs::read_to_string(program.log()).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.filter(|line: &Value| line.to_string().contains(trace_id)).collect()
}

#[tokio::test]
async fn each_request_is_one_trace_down_to_the_store() {
    let (onsale, collector) = traced().await;
    onsale.put_room(1, &policy("open", 1)).await;
    let api = onsale.api();
    let [join, schedules, leave] = [
        "0af7651916cd43dd8448eb211c80319c",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "80e1afed08e019fc1110464cfa66635c",
    ];

    let request = api.request(Method::POST, "/api/queues/token").header("traceparent", traceparent(join));
    let joined = Answer::to(request.json(&json!({"userId": 1}))).await.is(201);
    let token = crate::api::token(&joined);
    api.until_active(&token).await;
    let path = "/api/concerts/1/schedules";
    let request = api.with(Method::GET, path, &token).header("traceparent", traceparent(schedules));
    Answer::to(request).await.is(200);
    let request = api.with(Method::DELETE, "/api/queues/token", &token);
    Answer::to(request.header("traceparent", traceparent(leave))).await.is(204);

    let service = ["onsale-gateway", "onsale-queue"];
    for (trace_id, deepest, reached) in [
        (join, "redis script", service),
        (leave, "redis script", service),
        (schedules, "list bookable schedules", ["onsale-catalog", "onsale-gateway"]),
    ] {
        let spans = whole_trace(&collector, trace_id, deepest).await;
        assert_eq!(programs(&spans), reached, "{spans:#?}");
    }
    let line = &lines_of(&onsale.gateways[0], schedules)[0];
    assert_eq!((&line["message"], &line["status"]), (&json!("request"), &json!(200)), "{line}");
}
