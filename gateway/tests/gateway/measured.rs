//! What is counted of what happens.

use std::time::Duration;

use onsale_proto::queue::v1 as pb;
use reqwest::Method;
use serde_json::json;
use tonic::Status;

use crate::{
    fake_queue::{active, waiting},
    world::{Answer, World, token, until},
};

const SEATS: &str = "/api/concerts/7/schedules/71/seats";

/// The value of a series.
#[track_caller]
fn value(world: &World, series: &str) -> f64 {
    let metrics = world.process.telemetry().render_metrics().unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{metrics}")).parse().unwrap()
}

/// Asserts that of each of these series there are so many.
#[track_caller]
fn counted(world: &World, metric: &str, expected: &[(&str, f64)]) {
    for (labels, times) in expected {
        let series = format!("{metric}{{{labels}}}");
        assert!((value(world, &series) - times).abs() < 0.5, "{series} is {}", value(world, &series));
    }
}

/// A room in force lets nobody read without a token: off is easier.
async fn open_to_all() -> World {
    let world = World::start().await;
    world.queue.script().rooms[0].mode = pb::Mode::Off.into();
    world.queue.synced().await;
    world
}

#[tokio::test]
async fn problems_are_told_apart_by_whose_doing_they_are() {
    let world = World::start().await;
    world.get("/api/concerts/x").await.is_problem(400, "invalid-parameter");
    world.get_with(SEATS, &token(150)).await.is_problem(403, "still-waiting");
    world.get(SEATS).await.is_problem(401, "token-missing");
    let refusal = pb::JoinRefusal { reason: pb::join_refusal::Reason::LineFull.into(), ..Default::default() };
    world.queue.script().refusal = Some(pb::JoinRefusal { retry_after_ms: 1_000, ..refusal });
    world.join(&json!({"userId": 1})).await.is_problem(503, "line-full");
    world.catalog.script().failing = Some(Status::unavailable("postgres is away"));
    world.get("/api/concerts").await.is_problem(503, "unavailable");
    counted(
        &world,
        "onsale_gateway_problems_total",
        &[
            (r#"kind="mistake",problem="invalid-parameter""#, 1.0),
            (r#"kind="refusal",problem="still-waiting""#, 1.0),
            (r#"kind="mistake",problem="token-missing""#, 1.0),
            (r#"kind="refusal",problem="line-full""#, 1.0),
            (r#"kind="fault",problem="unavailable""#, 1.0),
            (r#"kind="fault",problem="internal""#, 0.0),
        ],
    );
    // What HTTP calls an error of the server is told apart there too.
    counted(
        &world,
        "http_server_request_duration_seconds_count",
        &[
            (
                r#"error_type="line-full",http_request_method="POST",http_response_status_code="503",http_route="/api/queues/token""#,
                1.0,
            ),
            (
                r#"error_type="unavailable",http_request_method="GET",http_response_status_code="503",http_route="/api/concerts""#,
                1.0,
            ),
            (
                r#"error_type="",http_request_method="GET",http_response_status_code="400",http_route="/api/concerts/{concertId}""#,
                1.0,
            ),
        ],
    );
    let refused =
        [(r#"reason="still_waiting""#, 1.0), (r#"reason="token""#, 1.0), (r#"reason="line_full""#, 1.0)];
    counted(&world, "onsale_gateway_refused_total", &refused);
}

#[tokio::test]
async fn tokens_are_told_apart_by_whether_their_number_is_new() {
    let world = World::start().await;
    // 200 numbers are issued, as the view has it.
    world.queue.script().place = Some(waiting(150, 49));
    world.join(&json!({"userId": "here-before"})).await;
    for number in [201, 202, 202] {
        world.queue.script().place = Some(waiting(number, 100));
        world.join(&json!({ "userId": number })).await;
    }
    world.queue.script().place = Some(pb::Place { number: 0, ..waiting(0, 0) });
    world.join(&json!({"userId": "off"})).await;
    let given =
        [(r#"outcome="new""#, 2.0), (r#"outcome="again""#, 2.0), (r#"outcome="without_a_number""#, 1.0)];
    counted(&world, "onsale_gateway_tokens_total", &given);
    assert!((value(&world, "onsale_gateway_joins_batch_count") - 5.0).abs() < 0.5);
}

#[tokio::test]
async fn polls_are_told_apart_by_what_answered_them_and_what_they_were_told() {
    let world = World::start().await;
    for _ in 0..3 {
        world.status(&token(150)).await;
    }
    world.queue.script().place = Some(active(90, Duration::from_mins(3)));
    world.status(&token(90)).await;
    world.status(&token(90)).await;
    world.queue.script().place = Some(pb::Place { ready: true, ..waiting(91, 0) });
    world.status(&token(91)).await;
    world.queue.script().failing = Some(Status::unavailable("redis is away"));
    world.status(&token(92)).await.is_problem(503, "unavailable");
    counted(
        &world,
        "onsale_gateway_status_answers_total",
        &[
            (r#"source="view",status="waiting""#, 3.0),
            (r#"source="queue",status="active""#, 1.0),
            (r#"source="memory",status="active""#, 1.0),
            (r#"source="queue",status="ready""#, 1.0),
            (r#"source="queue",status="failed""#, 1.0),
        ],
    );
}

#[tokio::test]
async fn reads_are_told_apart_by_how_much_was_sent_and_whether_they_cost_a_call() {
    let world = open_to_all().await;
    for (path, times) in [(SEATS, 3), ("/api/concerts/7/schedules", 2), ("/api/layouts/5", 2)] {
        let tag = world.get(path).await.header("etag").unwrap().to_owned();
        for _ in 1..times {
            let again = world.request(Method::GET, path).header("if-none-match", &tag);
            assert_eq!(Answer::of(again).await.status, 304, "{path}");
        }
    }
    counted(
        &world,
        "onsale_gateway_reads_total",
        &[
            (r#"answer="full",resource="seats""#, 1.0),
            (r#"answer="not_modified",resource="seats""#, 2.0),
            (r#"answer="not_modified",resource="schedules""#, 1.0),
            (r#"answer="not_modified",resource="layout""#, 1.0),
        ],
    );
    // The first reader of the seats needed the layout too.
    counted(
        &world,
        "onsale_gateway_view_hits_total",
        &[
            (r#"outcome="fetched",view="seats""#, 1.0),
            (r#"outcome="hit",view="seats""#, 2.0),
            (r#"outcome="fetched",view="schedules""#, 1.0),
            (r#"outcome="fetched",view="layouts""#, 1.0),
        ],
    );
    assert!((value(&world, "onsale_gateway_seat_views_watched") - 1.0).abs() < 0.5);
    // Bounds of its own: a view is never shown when it is older than 250 ms.
    assert!(value(&world, r#"onsale_gateway_seats_age_seconds_bucket{le="0.075"}"#) <= 3.0);
}

#[tokio::test]
async fn requests_are_active_while_they_are_answered() {
    let world = std::sync::Arc::new(World::start().await);
    world.queue.script().delay = Duration::from_millis(500);
    let asking = tokio::spawn({
        let world = std::sync::Arc::clone(&world);
        async move { world.join(&json!({"userId": 1})).await.status }
    });
    let active = || async { value(&world, "http_server_active_requests") > 0.5 };
    until(active).await;
    assert_eq!(asking.await.unwrap(), 201);
    until(|| async { value(&world, "http_server_active_requests") < 0.5 }).await;
    assert!(value(&world, "onsale_gateway_room_view_age_seconds") >= 0.0);
}

#[tokio::test]
async fn a_copy_that_does_not_serve_is_down() {
    let world = World::start().await;
    counted(&world, "onsale_gateway_copies", &[(r#"service="queue",state="up""#, 1.0)]);
    world.peers[0].health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
    until(|| async { value(&world, r#"onsale_gateway_copies{service="queue",state="down"}"#) > 0.5 }).await;
    let states = [(r#"service="queue",state="up""#, 0.0), (r#"service="catalog",state="up""#, 1.0)];
    counted(&world, "onsale_gateway_copies", &states);
}
