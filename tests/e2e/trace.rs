//! One trace from a client through every program it reaches.

use std::{collections::BTreeMap, fs};

use onsale_stack::Service;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    api::policy,
    collector::{Collector, Span},
    onsale::{Onsale, Plan},
    shop::{HOLDS, SEATS, seat_ids},
    wait::{PATIENCE, until},
};

const CLIENTS_SPAN: &str = "b7ad6b7169203331";

fn traceparent(trace_id: &str) -> String {
    format!("00-{trace_id}-{CLIENTS_SPAN}-01")
}

async fn traced() -> (Onsale, Collector) {
    let (collector, address) = Collector::start().await;
    let all = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address),
        // Spans are sent every fifth of a second instead of every five.
        ("OTEL_BSP_SCHEDULE_DELAY", "200".to_owned()),
        ("ONSALE_LOG", "info,onsale_gateway=debug".to_owned()),
    ];
    let all = BTreeMap::from(all.map(|(name, value)| (name.to_owned(), value)));
    // A seat is sold.
    (Onsale::start_as(Plan { own_postgres: true, all, ..Plan::default() }).await, collector)
}

/// The ways from the client's span down to each span that has none below it, once every span's parent is there.
async fn ways(collector: &Collector, trace_id: &str, deepest: &str) -> Vec<Vec<String>> {
    let is_there = || async { collector.of(trace_id).iter().any(|span| span.name == deepest).then_some(()) };
    let sent = onsale_stack::until(PATIENCE, is_there).await;
    assert!(sent.is_some(), "{deepest} is not in {:#?}", collector.of(trace_id));
    let hangs_together = || async {
        let spans = collector.of(trace_id);
        let known = |id: &str| id == CLIENTS_SPAN || spans.iter().any(|span| span.id == id);
        spans.iter().all(|span| known(&span.parent))
    };
    until("every span's parent to be sent", hangs_together).await;
    let spans = collector.of(trace_id);
    let has_none_below = |span: &&Span| spans.iter().all(|other| other.parent != span.id);
    spans.iter().filter(has_none_below).map(|span| way(&spans, span)).collect()
}

/// From the top, each as "program: span".
fn way(spans: &[Span], deepest: &Span) -> Vec<String> {
    let above = |span: &&Span| spans.iter().find(|other| other.id == span.parent);
    let mut way: Vec<_> = std::iter::successors(Some(deepest), above)
        .map(|span| format!("{}: {}", span.program.trim_start_matches("onsale-"), span.name))
        .collect();
    way.reverse();
    way
}

/// The lines of a program's log with that trace id.
fn lines_of(program: &Service, trace_id: &str) -> Vec<Value> {
    let log = fs::read_to_string(program.log()).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.filter(|line: &Value| line.to_string().contains(trace_id)).collect()
}

/// The way of a trace: the gateway's route, its call, the service's, and what the store is asked. Redis' driver has spans
/// below that.
type Way = [&'static str; 4];

const TOKEN: Way = [
    "gateway: POST /api/queues/token",
    "gateway: onsale.queue.v1.QueueService/Join",
    "queue: onsale.queue.v1.QueueService/Join",
    "queue: redis script",
];
const STATUS: Way = [
    "gateway: GET /api/queues/status",
    "gateway: onsale.queue.v1.QueueService/Status",
    "queue: onsale.queue.v1.QueueService/Status",
    "queue: redis script",
];
const SCHEDULES: Way = [
    "gateway: GET /api/concerts/{concertId}/schedules",
    "gateway: onsale.catalog.v1.CatalogService/ListSchedules",
    "catalog: onsale.catalog.v1.CatalogService/ListSchedules",
    "catalog: list bookable schedules",
];
/// Of whoever asks first for a schedule's seats; later readers cost nothing below the gateway.
const SEATS_FIRST: Way = [
    "gateway: GET /api/concerts/{concertId}/schedules/{concertScheduleId}/seats",
    "gateway: onsale.catalog.v1.SeatViewService/RefreshSeats",
    "catalog: onsale.catalog.v1.SeatViewService/RefreshSeats",
    "catalog: read whole schedule",
];
const HOLD: Way = [
    "gateway: POST /api/concerts/{concertId}/schedules/{concertScheduleId}/holds",
    "gateway: onsale.catalog.v1.SalesService/Hold",
    "catalog: onsale.catalog.v1.SalesService/Hold",
    "catalog: hold seats",
];
const CONFIRM: Way = [
    "gateway: POST /api/holds/{holdId}/confirmation",
    "gateway: onsale.catalog.v1.SalesService/Confirm",
    "catalog: onsale.catalog.v1.SalesService/Confirm",
    "catalog: confirm hold",
];

/// Sends a request as part of that trace.
async fn send(request: RequestBuilder, trace_id: &str) -> Answer {
    Answer::to(request.header("traceparent", traceparent(trace_id))).await
}

/// Asserts that a trace goes that way.
async fn goes(collector: &Collector, trace_id: &str, wanted: Way) {
    let deepest = wanted[3].split_once(": ").unwrap().1;
    let ways = ways(collector, trace_id, deepest).await;
    assert!(ways.iter().any(|way| way.iter().take(4).eq(&wanted)), "wanted {wanted:?}, and found {ways:#?}");
}

#[tokio::test]
async fn joins_and_polls_are_each_one_trace_from_the_client_down_to_redis() {
    let (onsale, collector) = traced().await;
    onsale.put_room(1, &policy("paused", 1)).await;
    let api = onsale.api();
    let [join, polls] = ["0af7651916cd43dd8448eb211c80319c", "80e1afed08e019fc1110464cfa66635c"];

    let request = api.request(Method::POST, "/api/queues/token").json(&json!({"userId": 1}));
    let token = crate::api::token(&send(request, join).await.is(201));
    goes(&collector, join, TOKEN).await;

    onsale.put_room(1, &policy("open", 1)).await;
    // The poll that lets the visitor in asks the queue; those before it are answered by what the gateway knows.
    let lets_in = || async {
        let poll = api.with(Method::GET, "/api/queues/status", &token);
        send(poll, polls).await.is(200)["status"] == "ACTIVE"
    };
    until("the visitor to be let in", lets_in).await;
    goes(&collector, polls, STATUS).await;
}

#[tokio::test]
async fn reads_and_purchases_are_each_one_trace_from_the_client_down_to_postgres() {
    let (onsale, collector) = traced().await;
    let api = onsale.api();
    let token = api.token("ada").await;
    let [schedules, seats, hold, confirm] = [
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "5b8efff798038103d269b633813fc60c",
        "6e0c63257de34c926f9efcd03927272e",
        "7a085853722dc6d2b2d7d7a9c2f9f2aa",
    ];

    send(api.with(Method::GET, "/api/concerts/1/schedules", &token), schedules).await.is(200);
    goes(&collector, schedules, SCHEDULES).await;
    let line = &lines_of(&onsale.gateways[0], schedules)[0];
    assert_eq!((&line["message"], &line["status"]), (&json!("request"), &json!(200)), "{line}");

    let free = seat_ids(&send(api.with(Method::GET, SEATS, &token), seats).await.is(200));
    goes(&collector, seats, SEATS_FIRST).await;

    let request = api.with(Method::POST, HOLDS, &token).json(&json!({ "seatIds": [free[0]] }));
    let of_hold = send(request, hold).await.is(201);
    goes(&collector, hold, HOLD).await;

    let path = format!("/api/holds/{}/confirmation", of_hold["holdId"].as_str().unwrap());
    let request = api.with(Method::POST, &path, &token).json(&json!({ "orderRef": "traced" }));
    send(request, confirm).await.is(201);
    goes(&collector, confirm, CONFIRM).await;
}

/// At a ratio of 0 nothing is sent, whatever the client has decided; contexts are handed on all the same.
#[tokio::test]
async fn at_a_ratio_of_nothing_no_span_is_sent_and_the_trace_goes_on() {
    let (collector, address) = Collector::start().await;
    let debug = "info,onsale_gateway=debug,onsale_queue=debug";
    let all = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address),
        ("ONSALE_TRACE_RATIO", "0".to_owned()),
        ("ONSALE_LOG", debug.to_owned()),
    ];
    let all = BTreeMap::from(all.map(|(name, value)| (name.to_owned(), value)));
    let mut onsale = Onsale::start_as(Plan { all, ..Plan::default() }).await;
    onsale.put_room(1, &policy("open", 1)).await;
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    // What goes wrong is handed on, and logged, with the trace's id by who handles it.
    onsale.redis.kill9().unwrap();
    let join = onsale.api().request(Method::POST, "/api/queues/token").json(&json!({"userId": 1}));
    Answer::to(join.header("traceparent", traceparent(trace_id))).await.is(503);
    for program in [&onsale.gateways[0], &onsale.queues[0]] {
        until("the trace's line", || async { !lines_of(program, trace_id).is_empty() }).await;
    }
    // Whatever waits to be sent is sent before a program ends.
    for program in onsale.queues.iter_mut().chain(&mut onsale.catalogs).chain(&mut onsale.gateways) {
        program.stop().await.unwrap();
    }
    assert_eq!(collector.count(), 0);
}
