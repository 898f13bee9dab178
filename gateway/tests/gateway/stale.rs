//! The rooms' store is away: places are kept, and said to be old.

use std::time::Duration;

use serde_json::json;
use tonic::Status;

use crate::{
    fake_queue::active,
    world::{World, token, until},
};

#[tokio::test]
async fn while_the_store_is_away_those_who_wait_are_answered_and_told_that_it_is_old() {
    let world = World::start_with(|config| config.limits.stale_after = Duration::from_millis(300)).await;
    world.queue.script().place = Some(active(90, Duration::from_mins(3)));
    world.status(&token(90)).await;
    assert_eq!(world.status(&token(150)).await.json()["stale"], false);
    world.queue.script().failing = Some(Status::unavailable("redis is away"));
    until(|| async { world.status(&token(150)).await.json()["stale"] == true }).await;
    let body = world.status(&token(150)).await.json();
    assert_eq!((&body["status"], &body["remainingQueueCount"]), (&json!("WAITING"), &json!(49)));
    assert!(body["ageMs"].as_u64() >= Some(300), "{body}");
    assert_eq!(world.get("/api/queues/rooms/1").await.json()["stale"], true);
    // Claims fail closed, sessions go on.
    world.status(&token(91)).await.is_problem(503, "unavailable");
    assert_eq!(world.status(&token(90)).await.json()["status"], "ACTIVE");
    world.queue.script().failing = None;
    until(|| async { world.status(&token(150)).await.json()["stale"] == false }).await;
}

#[tokio::test]
async fn the_age_that_the_copy_tells_is_added() {
    let world = World::start().await;
    world.queue.script().age_ms = 5_000;
    until(|| async { world.status(&token(150)).await.json()["stale"] == true }).await;
    let age = world.status(&token(150)).await.json()["ageMs"].as_u64();
    assert!(age < Some(6_000), "a view is not older than it is: {age:?}");
}

#[tokio::test]
async fn a_view_that_is_too_old_answers_nobody_and_lets_nobody_in() {
    let world = World::start_with(|config| config.limits.view_max_age = Duration::from_millis(200)).await;
    world.queue.script().failing = Some(Status::unavailable("redis is away"));
    until(|| async { world.status(&token(150)).await.status == 503 }).await;
    world.status(&token(150)).await.is_problem(503, "unavailable");
    world.get("/api/queues/rooms/1").await.is_problem(503, "unavailable");
    world.get("/api/concerts/7/schedules").await.is_problem(503, "unavailable");
}
