use std::time::Duration;

use onsale_proto::queue::v1 as pb;
use reqwest::Method;
use serde_json::json;
use tonic::Status;

use crate::{
    fake_queue::active,
    world::{Answer, World, token, token_of},
};

#[tokio::test]
async fn joining_gives_a_token_and_a_place() {
    let world = World::start().await;
    let answer = world.join(&json!({"userId": 1, "concertId": 7})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    assert_eq!(body["token"], "token of 1");
    assert_eq!(body["status"], "WAITING");
    assert_eq!(body["remainingQueueCount"], 100);
    assert_eq!((&body["number"], &body["roomId"]), (&json!(201), &json!(1)));
    assert_eq!((&body["mode"], &body["pollAfterMs"]), (&json!("open"), &json!(3_000)));
    let asked = world.queue.script().joins[0].clone();
    assert_eq!((asked.concert_id, asked.user_id.as_str(), asked.token.as_str()), (7, "1", ""));
}

#[tokio::test]
async fn a_number_and_its_digits_are_one_user() {
    let world = World::start().await;
    for user in [json!(1), json!("1"), json!(i64::MAX), json!("é".repeat(64))] {
        let answer = world.join(&json!({ "userId": user })).await;
        assert_eq!(answer.status, 201, "{user}: {answer:?}");
    }
    let users: Vec<_> = world.queue.script().joins.iter().map(|join| join.user_id.clone()).collect();
    assert_eq!(users, ["1", "1", "9223372036854775807", &"é".repeat(64)]);
}

#[tokio::test]
async fn a_session_at_once_is_remembered() {
    let world = World::start().await;
    world.queue.script().place = Some(active(100, Duration::from_mins(3)));
    let body = world.join(&json!({"userId": "user-100"})).await.json();
    assert_eq!((&body["status"], body.get("remainingQueueCount")), (&json!("ACTIVE"), None));
    assert!(body["expiresAt"].as_str().is_some_and(|at| at.ends_with('Z')), "{body}");
    let status = world.status(&token(100)).await.json();
    assert_eq!((&status["status"], &status["sessionId"]), (&json!("ACTIVE"), &json!("5e55")));
    assert_eq!(world.queue.calls("status"), 0);
}

#[tokio::test]
async fn the_token_that_a_visitor_still_shows_goes_along() {
    let world = World::start().await;
    let shown = token(150);
    let joins = |user: &'static str, header: &'static str, value: String| {
        let request = world.request(Method::POST, "/api/queues/token").json(&json!({ "userId": user }));
        Answer::of(request.header(header, value))
    };
    assert_eq!(joins("user-150", "authorization", format!("Bearer {shown}")).await.status, 201);
    assert_eq!(joins("user-150", "token", shown.clone()).await.status, 201);
    assert_eq!(joins("somebody-else", "token", shown.clone()).await.status, 201);
    assert_eq!(joins("user-150", "token", "no token at all".to_owned()).await.status, 201);
    let sent: Vec<_> = world.queue.script().joins.iter().map(|join| join.token.clone()).collect();
    assert_eq!(sent, [shown.as_str(), &shown, "", ""], "another's token, and what is none, are passed over");
}

#[tokio::test]
async fn a_token_of_a_lost_epoch_is_handed_up_by_the_next_sync() {
    let world = World::start().await;
    world.queue.synced().await;
    let request = world.request(Method::POST, "/api/queues/token").json(&json!({"userId": "user-40"}));
    assert_eq!(Answer::of(request.bearer_auth(token_of(1, 9, 40))).await.status, 201);
    world.queue.synced().await;
    let seen = world.queue.script().synced.last().unwrap().seen[0];
    assert_eq!((seen.room_id, seen.epoch, seen.number), (1, 9, 40));
}

#[tokio::test]
async fn joins_travel_together() {
    let world = World::start().await;
    world.queue.script().delay = Duration::from_millis(50);
    let bodies: Vec<_> = (1..=200).map(|user| json!({ "userId": user })).collect();
    let answers = futures::future::join_all(bodies.iter().map(|body| world.join(body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    for (body, answer) in bodies.iter().zip(&answers) {
        assert_eq!(answer.json()["token"], format!("token of {}", body["userId"]), "each gets its own");
    }
    let batches = world.queue.script().batches.clone();
    assert_eq!(batches.iter().sum::<usize>(), 200);
    assert!(batches.len() < 100, "{batches:?}");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_own_type() {
    use pb::join_refusal::Reason;
    let world = World::start().await;
    let refuse = |reason: Reason, retry_after_ms: u32| {
        world.queue.script().refusal =
            Some(pb::JoinRefusal { reason: reason.into(), retry_after_ms, room_id: 42 });
    };
    refuse(Reason::LineFull, 9_500);
    let full = world.join(&json!({"userId": 1})).await;
    assert_eq!(full.is_problem(503, "line-full")["roomId"], 42);
    assert_eq!(full.retry_after(), Some(10), "not before it makes sense");
    refuse(Reason::Closed, 0);
    let closed = world.join(&json!({"userId": 1})).await;
    closed.is_problem(403, "room-closed");
    assert_eq!(closed.retry_after(), None);
    refuse(Reason::InvalidUser, 0);
    world.join(&json!({"userId": 1})).await.names_field(422, "invalid-value", "userId");
}

#[tokio::test]
async fn while_the_store_is_away_joins_are_told_to_come_back() {
    let world = World::start().await;
    world.queue.script().failing = Some(Status::unavailable("redis is away"));
    world.join(&json!({"userId": 1})).await.is_problem(503, "unavailable");
    world.queue.script().failing = None;
    assert_eq!(world.join(&json!({"userId": 1})).await.status, 201);
}

#[tokio::test]
async fn who_left_the_line_is_told_so() {
    let world = World::start().await;
    let leave = world.request(Method::DELETE, "/api/queues/token").bearer_auth(token(150));
    assert_eq!(Answer::of(leave).await.status, 204);
    assert_eq!(world.status(&token(150)).await.json()["status"], "EXPIRED");
    assert_eq!(world.status(&token(151)).await.json()["status"], "WAITING");
    assert_eq!(world.queue.calls("status"), 0);
}

#[tokio::test]
async fn leaving_is_passed_on_and_ends_the_remembered_session() {
    let world = World::start().await;
    world.queue.script().place = Some(active(100, Duration::from_mins(3)));
    assert_eq!(world.status(&token(100)).await.json()["status"], "ACTIVE");
    let leave = || Answer::of(world.request(Method::DELETE, "/api/queues/token").bearer_auth(token(100)));
    assert_eq!(leave().await.status, 204);
    assert_eq!(leave().await.status, 204, "leaving twice is no error");
    world.queue.script().place = Some(pb::Place {
        standing: pb::Standing::Expired.into(),
        session: None,
        ..active(100, Duration::ZERO)
    });
    let body = world.status(&token(100)).await.json();
    assert_eq!((&body["status"], body.get("pollAfterMs")), (&json!("EXPIRED"), None));
    assert_eq!(body.get("expiresAt"), None);
}
