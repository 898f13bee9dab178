use reqwest::Method;
use serde_json::json;

use crate::world::{Answer, World};

#[tokio::test]
async fn ids_that_are_none_are_named() {
    let world = World::start().await;
    let wrong = ["x", "0", "-1", "+1", "1.5", "%20", "9223372036854775808", "99999999999999999999", "%00"];
    for id in wrong {
        for (path, field) in [
            (format!("/api/concerts/{id}"), "concertId"),
            (format!("/api/concerts/{id}/schedules"), "concertId"),
            (format!("/api/concerts/{id}/schedules/71/seats"), "concertId"),
            (format!("/api/concerts/7/schedules/{id}/seats"), "concertScheduleId"),
            (format!("/api/queues/rooms/{id}"), "roomId"),
        ] {
            world.get(&path).await.names_field(400, "invalid-parameter", field);
        }
    }
    world.get("/api/concerts/%ff").await.is_problem(400, "invalid-parameter");
    assert!(world.catalog.script().calls.is_empty(), "no service is bothered");
}

#[tokio::test]
async fn query_parameters_that_are_wrong_are_named() {
    let world = World::start().await;
    let long = "x".repeat(600);
    for (query, field) in [
        ("from=yesterday", "from"),
        ("from=2026-12-24", "from"),
        ("to=2026-13-01T00:00:00Z", "to"),
        ("from=2026-12-25T00:00:00Z&to=2026-12-24T00:00:00Z", "from"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        (&format!("cursor={long}"), "cursor"),
    ] {
        let answer = world.get(&format!("/api/concerts/7/schedules?{query}")).await;
        answer.names_field(400, "invalid-parameter", field);
    }
    let seats = "/api/concerts/7/schedules/71/seats?status=SOLD";
    world.get(seats).await.names_field(400, "invalid-parameter", "status");
    world.get("/api/concerts?limit=x").await.names_field(400, "invalid-parameter", "limit");
}

#[tokio::test]
async fn a_cursor_of_another_query_is_named() {
    let world = World::start().await;
    world.get("/api/concerts?cursor=of-another-list").await.names_field(422, "invalid-value", "cursor");
}

#[tokio::test]
async fn joins_with_wrong_fields_name_them() {
    let world = World::start().await;
    for (body, field) in [
        (json!({}), "userId"),
        (json!({"userId": null}), "userId"),
        (json!({"userId": 0}), "userId"),
        (json!({"userId": -1}), "userId"),
        (json!({"userId": 1.5}), "userId"),
        (json!({"userId": 9_223_372_036_854_775_808_u64}), "userId"),
        (json!({"userId": true}), "userId"),
        (json!({"userId": ["1"]}), "userId"),
        (json!({"userId": 1e30}), "userId"),
        (json!({"userId": ""}), "userId"),
        (json!({"userId": "x".repeat(65)}), "userId"),
        (json!({"userId": "a\nb"}), "userId"),
        (json!({"userId": 1, "concertId": 0}), "concertId"),
        (json!({"userId": 1, "concertId": -7}), "concertId"),
        (json!({"userId": 1, "concertId": "7"}), "concertId"),
        (json!({"userId": 1, "concertId": 9_223_372_036_854_775_808_u64}), "concertId"),
        (json!({"userId": 1, "concert": 7}), "concert"),
    ] {
        world.join(&body).await.names_field(422, "invalid-value", field);
    }
    world.join(&json!([1])).await.is_problem(422, "invalid-value");
    assert_eq!(world.queue.calls("join"), 0, "no service is bothered");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_told_apart() {
    let world = World::start().await;
    let post = |media_type: &'static str, body: String| {
        let request = world.request(Method::POST, "/api/queues/token").header("content-type", media_type);
        Answer::of(request.body(body))
    };
    for body in ["", "{", "{\"userId\":1", "{\"userId\":1}}", "userId=1"] {
        post("application/json", body.to_owned()).await.is_problem(400, "invalid-json");
    }
    let good = || "{\"userId\":1}".to_owned();
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "json"] {
        post(media_type, good()).await.is_problem(415, "unsupported-media-type");
    }
    let without = world.request(Method::POST, "/api/queues/token").body(good());
    Answer::of(without).await.is_problem(415, "unsupported-media-type");
    assert_eq!(post("application/json; charset=utf-8", good()).await.status, 201);
    let large = format!("{{\"userId\":\"{}\"}}", "x".repeat(20_000));
    post("application/json", large).await.is_problem(413, "body-too-large");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_bounded_too() {
    let world = World::start().await;
    let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(1_000))).take(100);
    let body = reqwest::Body::wrap_stream(tokio_stream::iter(chunks));
    let request = world.request(Method::POST, "/api/queues/token").header("content-type", "application/json");
    Answer::of(request.body(body)).await.is_problem(413, "body-too-large");
}

#[tokio::test]
async fn unknown_addresses_and_wrong_methods_are_problems() {
    let world = World::start().await;
    for path in [
        "/",
        "/api",
        "/api/queues",
        "/api/queues/token/",
        "/api/queues/rooms/",
        "/metrics",
        "/livez",
        "/readyz",
    ] {
        world.get(path).await.is_problem(404, "no-such-route");
    }
    for (method, path, allowed) in [
        (Method::GET, "/api/queues/token", "POST,DELETE"),
        (Method::POST, "/api/queues/status", "GET,HEAD"),
        (Method::PUT, "/api/concerts", "GET,HEAD"),
        (Method::DELETE, "/api/concerts/7/schedules/71/seats", "GET,HEAD"),
        (Method::POST, "/openapi.json", "GET,HEAD"),
    ] {
        let answer = Answer::of(world.request(method, path)).await;
        answer.is_problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some(allowed), "{path}");
    }
}
