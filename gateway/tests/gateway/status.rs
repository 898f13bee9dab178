use std::time::Duration;

use onsale_proto::queue::v1 as pb;
use reqwest::Method;
use serde_json::json;

use crate::{
    fake_queue::{active, waiting},
    world::{Answer, World, token, until},
};

#[tokio::test]
async fn those_who_wait_are_answered_from_the_view_without_a_call() {
    let world = World::start().await;
    let before = world.queue.script().calls.clone();
    for number in 101..=200 {
        let answer = world.status(&token(number)).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["status"]), (200, &json!("WAITING")), "{body}");
        assert_eq!(body["remainingQueueCount"], number - 101);
        assert_eq!((&body["number"], &body["stale"]), (&json!(number), &json!(false)));
    }
    let mut after = world.queue.script().calls.clone();
    assert!(after.remove("sync") >= before.get("sync").copied());
    assert!(after.is_empty(), "{after:?}");
}

#[tokio::test]
async fn waiting_comes_with_an_estimate_and_a_poll_interval() {
    let world = World::start().await;
    let answer = world.status(&token(200)).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    let p50 = body["estimatedWaitSeconds"]["p50"].as_u64();
    assert!((Some(40)..=Some(60)).contains(&p50), "100 at two a second: {body}");
    assert!(body["estimatedWaitSeconds"]["p90"].as_u64() > p50, "{body}");
    let poll = body["pollAfterMs"].as_u64().unwrap();
    assert!((3_000..=7_000).contains(&poll), "a tenth of it: {body}");
    assert!(body["ageMs"].as_u64().unwrap() < 2_000, "{body}");
    assert_eq!(body["ready"], false);
    world.queue.script().rooms[0].mode = pb::Mode::Paused.into();
    world.queue.script().rooms[0].policy_version = 2;
    world.queue.synced().await;
    let paused = world.status(&token(200)).await.json();
    assert_eq!((&paused["mode"], paused.get("estimatedWaitSeconds")), (&json!("paused"), None));
}

#[tokio::test]
async fn the_older_header_and_the_older_parameter_still_work() {
    let world = World::start().await;
    let request = world.request(Method::GET, "/api/queues/status?userId=1").header("Token", token(150));
    let body = Answer::of(request).await.json();
    assert_eq!((&body["status"], &body["remainingQueueCount"]), (&json!("WAITING"), &json!(49)));
}

#[tokio::test]
async fn a_called_visitor_is_admitted_by_asking_and_asked_for_once() {
    let world = World::start().await;
    world.queue.script().place = Some(active(90, Duration::from_mins(3)));
    for _ in 0..20 {
        let body = world.status(&token(90)).await.json();
        assert_eq!((&body["status"], &body["sessionId"]), (&json!("ACTIVE"), &json!("5e55")), "{body}");
        assert_eq!((body.get("remainingQueueCount"), body.get("ready")), (None, None));
        // Half of the renewal interval of 15 s.
        let poll = body["pollAfterMs"].as_u64().unwrap();
        assert!((6_250..=8_750).contains(&poll), "{body}");
    }
    assert_eq!(world.queue.calls("status"), 1);
    let (timeout, traceparent) = world.queue.script().last_metadata.clone().unwrap();
    assert!(timeout.is_some(), "the deadline travels");
    assert!(traceparent.is_some(), "the trace travels");
}

#[tokio::test]
async fn a_call_is_part_of_the_callers_trace() {
    let world = World::start().await;
    world.queue.script().place = Some(waiting(90, 0));
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let traced = |request: reqwest::RequestBuilder| {
        Answer::of(request.header("traceparent", format!("00-{trace_id}-b7ad6b7169203331-01")))
    };
    let of_last_call = || world.queue.script().last_metadata.clone().and_then(|(_, trace)| trace).unwrap();
    traced(world.request(Method::GET, "/api/queues/status").bearer_auth(token(90))).await;
    assert!(of_last_call().contains(trace_id), "{}", of_last_call());
    // A join travels in a batch, and its trace with it.
    world.queue.script().last_metadata = None;
    traced(world.request(Method::POST, "/api/queues/token").json(&json!({"userId": 1}))).await;
    assert!(of_last_call().contains(trace_id), "{}", of_last_call());
}

#[tokio::test]
async fn called_without_a_slot_is_waiting_with_nobody_before() {
    let world = World::start().await;
    world.queue.script().place = Some(pb::Place { ready: true, ..waiting(90, 0) });
    let body = world.status(&token(90)).await.json();
    assert_eq!((&body["status"], &body["remainingQueueCount"]), (&json!("WAITING"), &json!(0)));
    assert_eq!(body["ready"], true);
}

#[tokio::test]
async fn a_closed_room_says_so_to_those_who_wait() {
    let world = World::start().await;
    world.queue.script().rooms[0].mode = pb::Mode::Closed.into();
    world.queue.script().rooms[0].policy_version = 2;
    world.queue.synced().await;
    let body = world.status(&token(150)).await.json();
    assert_eq!((&body["status"], body.get("pollAfterMs")), (&json!("CLOSED"), None));
    assert_eq!(world.queue.calls("status"), 0);
}

#[tokio::test]
async fn in_a_room_that_is_off_everybody_is_active() {
    let world = World::start().await;
    world.queue.script().rooms[0].mode = pb::Mode::Off.into();
    world.queue.script().rooms[0].policy_version = 2;
    world.queue.synced().await;
    for number in [0, 150] {
        let body = world.status(&token(number)).await.json();
        assert_eq!((&body["status"], body.get("expiresAt")), (&json!("ACTIVE"), None), "{body}");
    }
}

#[tokio::test]
async fn remaining_never_rises_at_one_gateway() {
    let world = World::start().await;
    // The copy that answers the join is ahead of this gateway's view by 20.
    world.queue.script().place = Some(waiting(150, 29));
    let joined = world.join(&json!({"userId": "user-150"})).await.json();
    assert_eq!(joined["remainingQueueCount"], 29);
    assert_eq!(world.status(&token(150)).await.json()["remainingQueueCount"], 29);
    // Copies that lag, by a sync and by an answer, change nothing.
    world.queue.synced().await;
    world.queue.script().rooms[0].serving = 90;
    world.queue.synced().await;
    assert_eq!(world.status(&token(150)).await.json()["remainingQueueCount"], 29);
    world.queue.script().place = Some(waiting(150, 49));
    let again = world.join(&json!({"userId": "user-150"})).await.json();
    assert_eq!(again["remainingQueueCount"], 29);
    assert_eq!(world.queue.script().synced.last().unwrap().seen[0].serving, 120, "and it is handed up");
}

#[tokio::test]
async fn the_highest_values_seen_are_handed_up() {
    let world = World::start().await;
    world.status(&token(250)).await;
    world.status(&token(240)).await;
    until(|| async {
        let synced = world.queue.script().synced.last().cloned().unwrap();
        synced.seen.first().is_some_and(|seen| (seen.epoch, seen.number, seen.serving) == (1, 250, 100))
    })
    .await;
}

#[tokio::test]
async fn a_room_that_no_view_tells_of_is_the_queues_to_answer() {
    let world = World::start().await;
    world.queue.script().place = Some(pb::Place { room_id: 9, ..waiting(5, 4) });
    let body = world.status(&crate::world::token_of(9, 1, 5)).await.json();
    assert_eq!((&body["roomId"], &body["remainingQueueCount"]), (&json!(9), &json!(4)));
    assert_eq!(world.queue.calls("status"), 1);
}

#[tokio::test]
async fn the_public_room_is_the_same_for_everyone() {
    let world = World::start().await;
    let first = world.get("/api/queues/rooms/1").await;
    assert_eq!(first.header("cache-control"), Some("public, max-age=1"));
    let mut body = first.json();
    let (wait, poll) = (body["estimatedWaitSeconds"].take(), body["pollAfterMs"].take());
    assert!(wait["p50"].as_u64() > Some(10) && poll.as_u64() >= Some(1_000), "{wait} {poll}");
    let expected = json!({
        "roomId": 1, "mode": "open", "serving": 100, "lastNumber": 200, "waiting": 100,
        "estimatedWaitSeconds": null, "pollAfterMs": null, "stale": false
    });
    assert_eq!(body, expected);
    let second = world.get_with("/api/queues/rooms/1", &token(150)).await;
    assert_eq!(first.text, second.text);
    let tag = first.header("etag").unwrap();
    let again =
        Answer::of(world.request(Method::GET, "/api/queues/rooms/1").header("if-none-match", tag)).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    world.get("/api/queues/rooms/2").await.names_field(404, "not-found", "roomId");
    world.get("/api/queues/rooms/x").await.names_field(400, "invalid-parameter", "roomId");
    assert_eq!(world.queue.script().calls.len(), 1, "nothing but syncs");
}
