use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, stream::FuturesUnordered};
use reqwest::Method;
use serde_json::json;

use crate::world::{Answer, World, token, until};

#[tokio::test]
async fn more_than_fits_is_refused_at_once() {
    let world = Arc::new(World::start_with(|config| config.limits.max_in_flight = 1).await);
    world.queue.script().delay = Duration::from_millis(500);
    let first = tokio::spawn({
        let world = Arc::clone(&world);
        async move { world.join(&json!({"userId": 1})).await.status }
    });
    until(|| async { world.queue.calls("join") == 1 }).await;
    // One limit for all routes.
    world.status(&token(150)).await.is_problem(503, "overloaded");
    world.get("/nowhere").await.is_problem(503, "overloaded");
    assert_eq!(first.await.unwrap(), 201);
    assert_eq!(world.status(&token(150)).await.status, 200);
}

type Joins = FuturesUnordered<tokio::task::JoinHandle<Answer>>;

/// A queue that is behind, and so many joins that the first of them to be answered found no room.
async fn behind_a_shut_door() -> (Arc<World>, Joins) {
    let change = |config: &mut onsale_gateway::GatewayConfig| {
        config.limits.call_timeout = Duration::from_mins(1);
        config.limits.request_timeout = Duration::from_mins(1);
    };
    let world = Arc::new(World::start_with(change).await);
    world.queue.script().delay = Duration::from_secs(20);
    let mut joins: Joins = (1..=600)
        .map(|user| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.join(&json!({"userId": user})).await })
        })
        .collect();
    let first = joins.next().await.unwrap().unwrap();
    first.is_problem(503, "overloaded");
    assert_eq!(first.retry_after(), Some(1));
    (world, joins)
}

#[tokio::test]
async fn who_would_wait_for_a_service_that_is_behind_is_told_to_come_back_and_others_are_answered() {
    let (world, _joins) = behind_a_shut_door().await;
    // Nobody has to wait for these, and nobody else's call is over its own limit.
    assert_eq!(world.status(&token(150)).await.status, 200);
    world.queue.script().delay = Duration::ZERO;
    let left = world.request(Method::DELETE, "/api/queues/token").bearer_auth(token(150));
    assert_eq!(Answer::of(left).await.status, 204);
}

#[tokio::test]
async fn who_is_refused_from_the_bytes_is_told_what_the_door_tells_and_is_counted() {
    let (world, _joins) = behind_a_shut_door().await;
    let ops = world.process.open_ops().await.unwrap();
    let counted = async || {
        let metrics = reqwest::get(format!("http://{ops}/metrics")).await.unwrap().text().await.unwrap();
        let of = |series: &str| {
            let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
            value.map_or(0, |value| value.parse::<u32>().unwrap())
        };
        [
            of(r#"onsale_gateway_refused_total{reason="load_shed"}"#),
            of(r#"onsale_gateway_problems_total{kind="refusal",problem="overloaded"}"#),
            of(
                r#"http_server_request_duration_seconds_count{error_type="overloaded",http_request_method="POST",http_response_status_code="503",http_route="/api/queues/token"}"#,
            ),
        ]
    };
    // Whoever says where the page is from is asked in, and told so at the door; only from the bytes there is no date.
    let told = async |header: &str| {
        let request = world.request(Method::POST, "/api/queues/token").header(header, "anything");
        let Answer { status, mut headers, text, .. } =
            Answer::of(request.json(&json!({"userId": 601}))).await;
        (headers.remove("date").is_some(), status, headers, text)
    };
    // 512 of the 600 found room.
    until(|| async { counted().await[0] == 88 }).await;
    let before = counted().await;
    let (at_the_door, from_the_bytes) = (told("origin").await, told("x-anything").await);
    assert_eq!((at_the_door.0, from_the_bytes.0), (true, false));
    assert_eq!(
        (at_the_door.1, at_the_door.2, at_the_door.3),
        (from_the_bytes.1, from_the_bytes.2, from_the_bytes.3)
    );
    assert_eq!(counted().await, before.map(|count| count + 2));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended() {
    let change = |config: &mut onsale_gateway::GatewayConfig| {
        config.limits.request_timeout = Duration::from_millis(200);
    };
    let world = World::start_with(change).await;
    world.queue.script().delay = Duration::from_secs(5);
    world.join(&json!({"userId": 1})).await.is_problem(503, "too-slow");
}

#[tokio::test]
async fn a_body_that_does_not_come_does_not_hold_a_request() {
    let change = |config: &mut onsale_gateway::GatewayConfig| {
        config.limits.request_timeout = Duration::from_millis(200);
    };
    let world = World::start_with(change).await;
    let never = reqwest::Body::wrap_stream(futures::stream::pending::<Result<String, std::io::Error>>());
    let request = world.request(Method::POST, "/api/queues/token").header("content-type", "application/json");
    Answer::of(request.body(never)).await.is_problem(503, "too-slow");
}

#[tokio::test]
async fn a_client_over_its_rate_is_told_when_to_come_back_and_others_are_not() {
    let change = |config: &mut onsale_gateway::GatewayConfig| {
        config.limits.rate_limit_per_second = 1;
        config.limits.rate_limit_burst = 3;
        config.limits.trusted_hops = 1;
    };
    let world = World::start_with(change).await;
    let ask = |client: &'static str| {
        Answer::of(world.request(Method::GET, "/api/concerts").header("x-forwarded-for", client))
    };
    for _ in 0..3 {
        assert_eq!(ask("6.6.6.6, 1.1.1.1").await.status, 200);
    }
    let refused = ask("7.7.7.7, 1.1.1.1").await;
    refused.is_problem(429, "too-many-requests");
    assert_eq!(refused.retry_after(), Some(1));
    assert_eq!(ask("2.2.2.2").await.status, 200);
}

#[tokio::test]
async fn pages_of_named_origins_may_call() {
    let change = |config: &mut onsale_gateway::GatewayConfig| {
        config.limits.cors_origins = vec!["https://tickets.example".parse().unwrap()];
    };
    let world = World::start_with(change).await;
    let preflight = |origin: &'static str| {
        let request = world.request(Method::OPTIONS, "/api/queues/token");
        Answer::of(request.header("origin", origin).header("access-control-request-method", "POST"))
    };
    let allowed = preflight("https://tickets.example").await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://tickets.example"));
    assert!(allowed.header("access-control-allow-headers").is_some_and(|headers| headers.contains("token")));
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), None);
    let without = World::start().await;
    let options = Answer::of(without.request(Method::OPTIONS, "/api/concerts")).await;
    options.is_problem(405, "method-not-allowed");
}

#[tokio::test]
async fn a_page_of_a_named_origin_may_read_that_there_is_no_room() {
    let change = |config: &mut onsale_gateway::GatewayConfig| {
        config.limits.cors_origins = vec!["https://tickets.example".parse().unwrap()];
        config.limits.max_in_flight = 1;
    };
    let world = Arc::new(World::start_with(change).await);
    world.queue.script().delay = Duration::from_millis(500);
    let first = tokio::spawn({
        let world = Arc::clone(&world);
        async move { world.join(&json!({"userId": 1})).await.status }
    });
    until(|| async { world.queue.calls("join") == 1 }).await;
    for (method, path) in [(Method::GET, "/api/concerts"), (Method::POST, "/api/queues/token")] {
        let request = world.request(method, path).header("origin", "https://tickets.example");
        let refused = Answer::of(request.json(&json!({"userId": 2}))).await;
        refused.is_problem(503, "overloaded");
        assert_eq!(refused.header("access-control-allow-origin"), Some("https://tickets.example"));
    }
    assert_eq!(first.await.unwrap(), 201);
}

#[tokio::test]
async fn durations_are_kept_by_matched_route() {
    let world = World::start().await;
    let ops = world.process.open_ops().await.unwrap();
    world.get("/api/concerts/7").await;
    world.get("/api/concerts/8").await;
    world.get("/a/path/that/anybody/invents").await;
    let metrics = reqwest::get(format!("http://{ops}/metrics")).await.unwrap().text().await.unwrap();
    let line = |labels: &[&str]| {
        let counts = |line: &&str| line.starts_with("http_server_request_duration_seconds_count");
        metrics.lines().filter(counts).any(|line| labels.iter().all(|label| line.contains(label)))
    };
    assert!(
        line(&["http_route=\"/api/concerts/{concertId}\"", "status_code=\"200\"", "method=\"GET\""]),
        "{metrics}"
    );
    assert!(line(&["http_route=\"/api/concerts/{concertId}\"", "status_code=\"404\""]), "{metrics}");
    assert!(line(&["http_route=\"unmatched\"", "status_code=\"404\""]), "{metrics}");
    assert!(!metrics.contains("invents"), "{metrics}");
}

#[tokio::test]
async fn two_gateways_fit_in_one_process() {
    let (one, other) = (World::start().await, World::start().await);
    assert_ne!(one.address, other.address);
    for world in [&one, &other] {
        assert_eq!(world.status(&token(150)).await.json()["remainingQueueCount"], 49);
    }
}

#[tokio::test]
async fn a_caller_that_does_not_finish_its_headers_is_not_waited_for_by_others() {
    use tokio::io::AsyncWriteExt as _;
    let world = World::start().await;
    let mut slow = tokio::net::TcpStream::connect(world.address).await.unwrap();
    slow.write_all(b"GET /api/concerts HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    assert_eq!(world.get("/api/concerts").await.status, 200);
}
