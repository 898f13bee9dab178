//! What the gateway's log has lines for, as a process.

use reqwest::Method;
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    program::Program,
    world::{Answer, token},
};

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

/// The lines about requests: those of starting and stopping are others.
fn of_requests(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line.get("route").is_some()).collect()
}

async fn ask_well_and_wrongly(program: &Program) {
    let get = |path: &str| program.request(Method::GET, path);
    let status = get("/api/queues/status").bearer_auth(token(150));
    assert_eq!(Answer::of(status).await.status, 200);
    Answer::of(get("/api/concerts/x")).await.is_problem(400, "invalid-parameter");
    let seats = get("/api/concerts/7/schedules/71/seats").bearer_auth(token(150));
    Answer::of(seats).await.is_problem(403, "still-waiting");
}

#[tokio::test]
async fn a_fault_has_one_line_with_all_that_is_known_and_nothing_else_has_any() {
    let program = Program::start("info").await;
    ask_well_and_wrongly(&program).await;
    let failing = async |status: Status, slug: &str| {
        let code = if slug == "internal" { 500 } else { 503 };
        program.catalog.script().failing = Some(status);
        let concerts = program.request(Method::GET, "/api/concerts?cursor=whose");
        let concerts = concerts.header("traceparent", format!("00-{TRACE_ID}-b7ad6b7169203331-00"));
        Answer::of(concerts).await.is_problem(code, slug);
    };
    failing(Status::unavailable("postgres is away"), "unavailable").await;
    failing(Status::data_loss("a row makes no sense"), "internal").await;

    let (_, lines) = program.end().await;
    let lines = of_requests(&lines);
    let [away, broken] = lines.as_slice() else { panic!("not two lines: {lines:#?}") };
    for (line, level, problem) in [(away, "WARN", "unavailable"), (broken, "ERROR", "internal")] {
        assert_eq!((&line["level"], &line["problem"]), (&json!(level), &json!(problem)), "{line}");
        assert_eq!((&line["method"], &line["route"]), (&json!("GET"), &json!("/api/concerts")), "{line}");
        assert_eq!(line["openTelemetry"]["traceId"], TRACE_ID, "{line}");
        assert!(!line.to_string().contains("whose"), "{line}");
    }
    assert_eq!(away["reason"], "the catalog service is away");
    assert!(broken["reason"].as_str().unwrap().contains("a row makes no sense"), "{broken}");
}

#[tokio::test]
async fn who_asks_for_more_has_a_line_a_request() {
    let program = Program::start("info,onsale_gateway=debug").await;
    ask_well_and_wrongly(&program).await;
    let (_, lines) = program.end().await;
    let told: Vec<_> = of_requests(&lines)
        .iter()
        .map(|line| (line["level"].as_str().unwrap(), line["problem"].as_str()))
        .collect();
    assert_eq!(
        told,
        [("DEBUG", None), ("DEBUG", Some("invalid-parameter")), ("DEBUG", Some("still-waiting"))]
    );
    let all = format!("{lines:?}");
    assert!(!all.contains(&token(150)) && !all.contains("user-150"), "{all}");
}
