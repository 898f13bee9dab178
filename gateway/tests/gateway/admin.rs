use reqwest::Method;
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::world::{Answer, World, token};

fn policy() -> Value {
    json!({
        "mode": "open", "opensAt": "2026-12-24T18:00:00Z", "ratePerSecond": 2.5, "burst": 3, "capacity": 30,
        "claimWindowMs": 60_000, "returnWindowMs": 120_000, "leaseMs": 180_000, "sessionCapMs": 900_000,
        "maxWaiting": 5_000
    })
}

#[tokio::test]
async fn a_room_is_seen_and_set_as_a_whole() {
    let world = World::start().await;
    let seen = world.admin(Method::GET, "/api/admin/rooms/1", None).await.json();
    let expected = json!({
        "roomId": 1, "epoch": 1, "policy": policy(), "policyVersion": 4, "serving": 100, "lastNumber": 200,
        "active": 10, "ready": 1, "floor": 90, "concertIds": [7]
    });
    assert_eq!(seen, expected);
    let rooms = world.admin(Method::GET, "/api/admin/rooms", None).await.json();
    assert_eq!(rooms, json!({"rooms": [expected]}));
    // What was read can be written.
    let body = json!({"policy": seen["policy"], "expectedVersion": 4});
    assert_eq!(world.admin(Method::PUT, "/api/admin/rooms/1", Some(&body)).await.status, 200);
    let put = world.queue.script().put[0];
    assert_eq!((put.room_id, put.expected_version), (1, Some(4)));
    assert_eq!(put.policy, world.queue.script().room.policy);
}

#[tokio::test]
async fn operations_are_passed_on() {
    let world = World::start().await;
    for (operation, method) in
        [("pause", "pause_room"), ("resume", "resume_room"), ("drain", "drain_room"), ("reset", "reset_room")]
    {
        let answer = world.admin(Method::POST, &format!("/api/admin/rooms/1/{operation}"), None).await;
        assert_eq!((answer.status, world.queue.calls(method)), (200, 1), "{operation}: {answer:?}");
        assert_eq!(answer.json()["roomId"], 1);
    }
    let path = "/api/admin/concerts/7/room";
    assert_eq!(world.admin(Method::PUT, path, Some(&json!({"roomId": 42}))).await.status, 204);
    assert_eq!(world.admin(Method::DELETE, path, None).await.status, 204);
    let set = world.queue.script().concert_rooms_set.clone();
    assert_eq!([(7, 42), (7, 0)], [(set[0].concert_id, set[0].room_id), (set[1].concert_id, set[1].room_id)]);
}

#[tokio::test]
async fn wrong_policies_name_the_field() {
    let world = World::start().await;
    let put = |field: &str, value: Value| {
        let mut body = json!({ "policy": policy() });
        body["policy"][field] = value;
        let world = &world;
        async move { world.admin(Method::PUT, "/api/admin/rooms/1", Some(&body)).await }
    };
    for (field, value) in [
        ("mode", json!("ajar")),
        ("opensAt", json!("tomorrow")),
        ("opensAt", json!(5)),
        ("burst", json!(-1)),
        ("capacity", json!(4_294_967_296_u64)),
        ("ratePerSecond", json!("fast")),
        ("rate", json!(1)),
    ] {
        put(field, value).await.names_field(422, "invalid-value", &format!("policy.{field}"));
    }
    let body = json!({"policy": {"mode": "open"}});
    world.admin(Method::PUT, "/api/admin/rooms/1", Some(&body)).await.names_field(
        422,
        "invalid-value",
        "policy.ratePerSecond",
    );
    let details = ErrorDetails::with_bad_request_violation("policy.claim_window_ms", "is 60 s to 24 h");
    world.queue.script().failing = Some(Status::with_error_details(Code::InvalidArgument, "no", details));
    put("claimWindowMs", json!(1)).await.names_field(422, "invalid-value", "policy.claimWindowMs");
}

#[tokio::test]
async fn what_the_queue_refuses_is_told() {
    let world = World::start().await;
    for (status, http, slug) in [
        (Status::aborted("changed"), 409, "version-conflict"),
        (Status::failed_precondition("not paused"), 409, "wrong-mode"),
        (Status::not_found("no such room"), 404, "not-found"),
        (Status::unavailable("redis is away"), 503, "unavailable"),
    ] {
        world.queue.script().failing = Some(status);
        world.admin(Method::POST, "/api/admin/rooms/1/resume", None).await.is_problem(http, slug);
    }
}

#[tokio::test]
async fn only_the_operator_key_opens() {
    let world = World::start().await;
    let path = "/api/admin/rooms";
    world.get(path).await.is_problem(401, "operator-key-required");
    for wrong in ["", "the-operator-key-of-the-test", "the-operator-key-of-the-tests!", &token(90)] {
        world.get_with(path, wrong).await.is_problem(401, "operator-key-required");
    }
    let reset = world.request(Method::POST, "/api/admin/rooms/1/reset");
    Answer::of(reset).await.is_problem(401, "operator-key-required");
    assert_eq!((world.queue.calls("list_rooms"), world.queue.calls("reset_room")), (0, 0));
}

#[tokio::test]
async fn without_an_operator_key_there_is_no_admin_api() {
    let world = World::start_with(|config| config.operator_key = None).await;
    world.admin(Method::GET, "/api/admin/rooms", None).await.is_problem(404, "no-such-route");
}
