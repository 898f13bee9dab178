//! Each way in which a token can be wrong.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use onsale_proto::queue::v1 as pb;
use reqwest::Method;
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    fake_queue::{active, waiting},
    world::{Answer, World, now_ms, token, token_of},
};

const SEATS: &str = "/api/concerts/7/schedules/71/seats";
const SCHEDULES: &str = "/api/concerts/7/schedules";

/// A JWT with any header and claims, signed with a key of 32 such bytes.
fn signed(header: &Value, claims: &Value, key: u8) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(&[key; 32]);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "onsale-queue+jwt", "kid": "a"})
}

fn claims() -> Value {
    json!({"aud": "room:1", "sub": "ada", "epoch": 1, "n": 150, "iat": now_ms() / 1_000})
}

fn with(mut value: Value, field: &str, to: Value) -> Value {
    value[field] = to;
    value
}

fn forgeries() -> Vec<(&'static str, String)> {
    let good = signed(&header(), &claims(), 1);
    let (message, _) = good.rsplit_once('.').unwrap();
    let unsigned = |alg: &str| {
        let part = URL_SAFE_NO_PAD.encode(with(header(), "alg", json!(alg)).to_string());
        format!("{part}.{}.", message.rsplit_once('.').unwrap().1)
    };
    vec![
        ("malformed", "abc".to_owned()),
        ("malformed", "a.b.c".to_owned()),
        ("too long", "a".repeat(5_000)),
        ("expired", signed(&header(), &with(claims(), "iat", json!(now_ms() / 1_000 - 400 * 3_600)), 1)),
        ("of the future", signed(&header(), &with(claims(), "iat", json!(now_ms() / 1_000 + 600)), 1)),
        ("wrong key", signed(&header(), &claims(), 2)),
        ("unknown key", signed(&with(header(), "kid", json!("z")), &claims(), 1)),
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("alg HS512", signed(&with(header(), "alg", json!("HS512")), &claims(), 1)),
        ("wrong typ", signed(&with(header(), "typ", json!("JWT")), &claims(), 1)),
        ("room 0", signed(&header(), &with(claims(), "aud", json!("room:0")), 1)),
        ("negative number", signed(&header(), &with(claims(), "n", json!(-1)), 1)),
        ("signature cut off", good[..good.len() - 4].to_owned()),
        ("empty", String::new()),
    ]
}

#[tokio::test]
async fn the_forger_of_these_tests_makes_valid_tokens_when_nothing_is_changed() {
    let world = World::start().await;
    assert_eq!(world.status(&signed(&header(), &claims(), 1)).await.status, 200);
}

#[tokio::test]
async fn all_invalid_tokens_get_the_same_answer() {
    let world = World::start().await;
    let mut texts = Vec::new();
    for (what, forgery) in forgeries() {
        for path in ["/api/queues/status", SEATS, SCHEDULES] {
            for request in [
                world.request(Method::GET, path).bearer_auth(&forgery),
                world.request(Method::GET, path).header("Token", &forgery),
            ] {
                let answer = Answer::of(request).await;
                assert_eq!(answer.status, 401, "{what} at {path}: {answer:?}");
                answer.is_problem(401, "token-invalid");
                texts.push(answer.text);
            }
        }
        let leave = world.request(Method::DELETE, "/api/queues/token").bearer_auth(&forgery);
        Answer::of(leave).await.is_problem(401, "token-invalid");
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "nothing helps a forger: {texts:?}");
    assert_eq!(world.queue.script().calls.len(), 1, "no service is bothered");
}

#[tokio::test]
async fn another_scheme_and_bytes_that_are_no_text_are_no_token() {
    let world = World::start().await;
    let basic = world.request(Method::GET, "/api/queues/status").basic_auth("user", Some("password"));
    Answer::of(basic).await.is_problem(401, "token-invalid");
    let bytes = reqwest::header::HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let odd = world.request(Method::GET, "/api/queues/status").header("authorization", bytes);
    Answer::of(odd).await.is_problem(401, "token-invalid");
}

#[tokio::test]
async fn without_a_token_one_is_asked_for() {
    let world = World::start().await;
    for path in ["/api/queues/status", SEATS, SCHEDULES] {
        let answer = world.get(path).await;
        answer.is_problem(401, "token-missing");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_token_of_an_epoch_that_a_reset_ended_is_told_so() {
    let world = World::start().await;
    world.queue.script().rooms[0].epoch = 3;
    world.queue.synced().await;
    for path in ["/api/queues/status", SEATS] {
        world.get_with(path, &token(150)).await.is_problem(401, "token-of-ended-epoch");
    }
    let leave = world.request(Method::DELETE, "/api/queues/token").bearer_auth(token(150));
    Answer::of(leave).await.is_problem(401, "token-of-ended-epoch");
}

#[tokio::test]
async fn a_reset_that_the_gateway_has_not_heard_of_is_told_by_the_queue() {
    let world = World::start().await;
    let details = ErrorDetails::with_error_info("TOKEN_OF_ENDED_EPOCH", "queue.onsale", []);
    world.queue.script().failing = Some(Status::with_error_details(Code::Unauthenticated, "no", details));
    world.status(&token(90)).await.is_problem(401, "token-of-ended-epoch");
    world.queue.script().failing = Some(Status::unauthenticated("the token is not valid"));
    world.status(&token(90)).await.is_problem(401, "token-invalid");
}

#[tokio::test]
async fn a_token_without_a_number_has_no_place_in_a_room_in_force() {
    let world = World::start().await;
    for path in ["/api/queues/status", SEATS] {
        world.get_with(path, &token(0)).await.is_problem(403, "not-in-line");
    }
    let leave = world.request(Method::DELETE, "/api/queues/token").bearer_auth(token(0));
    assert_eq!(Answer::of(leave).await.status, 204);
}

#[tokio::test]
async fn one_who_waits_is_told_where_it_stands_and_when_to_ask() {
    let world = World::start().await;
    for path in [SEATS, SCHEDULES] {
        let answer = world.get_with(path, &token(200)).await;
        let body = answer.is_problem(403, "still-waiting");
        let place = &body["place"];
        assert_eq!((&place["status"], &place["remainingQueueCount"]), (&json!("WAITING"), &json!(99)));
        assert_eq!(place["roomId"], 1);
        assert!(answer.retry_after() >= Some(5), "{answer:?}");
    }
    assert_eq!((world.catalog.calls("refresh_seats"), world.queue.calls("status")), (0, 0));
}

#[tokio::test]
async fn who_stands_at_the_front_is_not_refused_without_asking() {
    let world = World::start().await;
    // What this gateway knows still answers when the queue does not.
    world.queue.script().failing = Some(Status::unavailable("away"));
    world.get_with(SEATS, &token(101)).await.is_problem(403, "still-waiting");
    world.queue.script().failing = None;
    world.queue.script().place = Some(active(101, Duration::from_mins(3)));
    assert_eq!(world.get_with(SEATS, &token(101)).await.status, 200);
}

#[tokio::test]
async fn a_token_of_another_room_is_of_no_use_here() {
    let world = World::start().await;
    {
        let mut script = world.queue.script();
        let other = pb::RoomView { room_id: 42, ..script.rooms[0].clone() };
        script.rooms.push(other);
        script.room_by_concert.insert(7, 42);
        script.place = Some(pb::Place { room_id: 42, ..active(90, Duration::from_mins(3)) });
    }
    world.queue.synced().await;
    let answer = world.get_with(SEATS, &token(90)).await;
    assert_eq!(answer.is_problem(403, "token-of-another-room")["roomId"], 42);
    assert_eq!(world.get_with(SEATS, &token_of(42, 1, 90)).await.status, 200);
    let answer = world.get_with("/api/concerts/8/schedules", &token_of(42, 1, 90)).await;
    assert_eq!(answer.is_problem(403, "token-of-another-room")["roomId"], 1);
}

#[tokio::test]
async fn a_called_visitor_who_goes_to_the_seats_first_is_admitted_there() {
    let world = World::start().await;
    world.queue.script().place = Some(active(90, Duration::from_mins(3)));
    assert_eq!(world.get_with(SEATS, &token(90)).await.status, 200);
    assert_eq!(world.get_with(SCHEDULES, &token(90)).await.status, 200);
    assert_eq!(world.queue.calls("status"), 1);
}

#[tokio::test]
async fn a_used_up_place_and_a_closed_room_let_nobody_in() {
    let world = World::start().await;
    let stands = |standing: pb::Standing| {
        world.queue.script().place = Some(pb::Place { standing: standing.into(), ..waiting(90, 0) });
    };
    stands(pb::Standing::Expired);
    world.get_with(SEATS, &token(90)).await.is_problem(403, "session-ended");
    stands(pb::Standing::Closed);
    world.get_with(SEATS, &token(90)).await.is_problem(403, "room-closed");
    assert_eq!(world.status(&token(90)).await.json()["status"], "CLOSED");
}

#[tokio::test]
async fn behind_a_room_that_is_off_anybody_reads() {
    let world = World::start().await;
    world.queue.script().rooms[0].mode = pb::Mode::Off.into();
    world.queue.script().rooms[0].policy_version = 2;
    world.queue.synced().await;
    assert_eq!(world.get(SEATS).await.status, 200);
    assert_eq!(world.get_with(SEATS, "nonsense").await.status, 200);
}
