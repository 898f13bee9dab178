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

/// An endpoint's request, and the way on which its trace has to reach the store; Redis' driver has spans below that.
struct Traced {
    request: RequestBuilder,
    status: u16,
    way: [&'static str; 4],
}

impl Traced {
    async fn check(self, number: usize, collector: &Collector) -> (Answer, String) {
        let trace_id = format!("{number:032x}");
        let answer = Answer::to(self.request.header("traceparent", traceparent(&trace_id))).await;
        answer.is(self.status);
        goes(&trace_id, self.way, collector).await;
        (answer, trace_id)
    }
}

/// Asserts that a trace goes that way.
async fn goes(trace_id: &str, wanted: [&str; 4], collector: &Collector) {
    let deepest = wanted[3].split_once(": ").unwrap().1;
    let ways = ways(collector, trace_id, deepest).await;
    assert!(ways.iter().any(|way| way.iter().take(4).eq(&wanted)), "wanted {wanted:?}, and found {ways:#?}");
}

#[tokio::test]
async fn each_request_is_one_trace_from_the_client_down_to_the_store() {
    let (onsale, collector) = traced().await;
    onsale.put_room(1, &policy("paused", 1)).await;
    let api = onsale.api();
    let queue = |route, call, server| [route, call, server, "queue: redis script"];

    let joined = Traced {
        request: api.request(Method::POST, "/api/queues/token").json(&json!({"userId": 1})),
        status: 201,
        way: queue(
            "gateway: POST /api/queues/token",
            "gateway: onsale.queue.v1.QueueService/Join",
            "queue: onsale.queue.v1.QueueService/Join",
        ),
    };
    let token = crate::api::token(&joined.check(1, &collector).await.0.json());
    onsale.put_room(1, &policy("open", 1)).await;
    // The poll that lets the visitor in asks the queue; those before it are answered by what the gateway knows.
    let trace_of_polls = format!("{:032x}", 2);
    let lets_in = || async {
        let poll = api.with(Method::GET, "/api/queues/status", &token);
        let poll = poll.header("traceparent", traceparent(&trace_of_polls));
        Answer::to(poll).await.is(200)["status"] == "ACTIVE"
    };
    until("the visitor to be let in", lets_in).await;
    let way = queue(
        "gateway: GET /api/queues/status",
        "gateway: onsale.queue.v1.QueueService/Status",
        "queue: onsale.queue.v1.QueueService/Status",
    );
    goes(&trace_of_polls, way, &collector).await;
    let schedules = Traced {
        request: api.with(Method::GET, "/api/concerts/1/schedules", &token),
        status: 200,
        way: [
            "gateway: GET /api/concerts/{concertId}/schedules",
            "gateway: onsale.catalog.v1.CatalogService/ListSchedules",
            "catalog: onsale.catalog.v1.CatalogService/ListSchedules",
            "catalog: list bookable schedules",
        ],
    };
    let trace_of_schedules = schedules.check(3, &collector).await.1;
    // Whoever asks first for a schedule's seats has them read; later readers cost nothing below the gateway.
    let seats = Traced {
        request: api.with(Method::GET, SEATS, &token),
        status: 200,
        way: [
            "gateway: GET /api/concerts/{concertId}/schedules/{concertScheduleId}/seats",
            "gateway: onsale.catalog.v1.SeatViewService/RefreshSeats",
            "catalog: onsale.catalog.v1.SeatViewService/RefreshSeats",
            "catalog: read whole schedule",
        ],
    };
    let seats = seats.check(4, &collector).await.0.json();
    let taking = Traced {
        request: api.with(Method::POST, HOLDS, &token).json(&json!({ "seatIds": [seat_ids(&seats)[0]] })),
        status: 201,
        way: [
            "gateway: POST /api/concerts/{concertId}/schedules/{concertScheduleId}/holds",
            "gateway: onsale.catalog.v1.SalesService/Hold",
            "catalog: onsale.catalog.v1.SalesService/Hold",
            "catalog: hold seats",
        ],
    };
    let hold = taking.check(5, &collector).await.0.json();
    let confirmation = format!("/api/holds/{}/confirmation", hold["holdId"].as_str().unwrap());
    let paying = Traced {
        request: api.with(Method::POST, &confirmation, &token).json(&json!({ "orderRef": "traced" })),
        status: 201,
        way: [
            "gateway: POST /api/holds/{holdId}/confirmation",
            "gateway: onsale.catalog.v1.SalesService/Confirm",
            "catalog: onsale.catalog.v1.SalesService/Confirm",
            "catalog: confirm hold",
        ],
    };
    paying.check(6, &collector).await;
    let line = &lines_of(&onsale.gateways[0], &trace_of_schedules)[0];
    assert_eq!((&line["message"], &line["status"]), (&json!("request"), &json!(200)), "{line}");
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
