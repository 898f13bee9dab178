//! New holds: who may have one, what is asked of whom, and what comes back.

use std::{io::Write as _, time::Duration};

use jsonwebtoken::Algorithm;
use onsale_gateway::{IdentityMode, JwksSource};
use onsale_proto::{
    catalog::v1::{self as catalog, buyer::Who, hold_request::Seats},
    queue::v1 as pb,
};
use reqwest::Method;
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    access_tokens::{AUDIENCE, ISSUER, IssuerKey, claims, key_set},
    fake_queue::{FakeQueue, active, session, waiting},
    fake_sales::{HOLD, refusal},
    world::{Answer, World, now_ms, token, token_of},
};

const HOLDS: &str = "/api/concerts/7/schedules/71/holds";
const LEASE: Duration = Duration::from_mins(3);

/// Number 90 has a session.
async fn with_a_session() -> World {
    let world = World::start().await;
    world.queue.script().renewed = Some(session(LEASE));
    world
}

async fn without_a_room() -> World {
    let queue = FakeQueue::open();
    queue.script().rooms[0].mode = pb::Mode::Off.into();
    World::start_over(queue, |_| {}).await
}

async fn post(world: &World, token: Option<&str>, key: Option<&str>, body: &Value) -> Answer {
    let mut request = world.request(Method::POST, HOLDS).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    Answer::of(request).await
}

fn seat() -> Value {
    json!({"seatIds": [2]})
}

fn user_of(request: &catalog::HoldRequest) -> String {
    match request.buyer.clone().and_then(|buyer| buyer.who) {
        Some(Who::User(user)) => user,
        other => panic!("no user: {other:?}"),
    }
}

#[tokio::test]
async fn a_hold_is_told_with_all_that_a_checkout_needs() {
    let world = with_a_session().await;
    let answer = post(&world, Some(&token(90)), Some("\"k-1\""), &seat()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("location"), Some(format!("/api/holds/{HOLD}").as_str()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut body = answer.json();
    assert!(body["version"].as_str().is_some_and(|version| !version.is_empty()), "{body}");
    body["version"] = Value::Null;
    assert_eq!(
        body,
        json!({
            "holdId": HOLD, "concertId": 7, "scheduleId": 71, "state": "HELD",
            "seats": [{"seatId": 2, "seatNumber": 2, "seatPrice": 8_800, "section": "Stalls", "row": "C",
                "label": "C 2", "tier": "A"}],
            "amount": 8_800, "currency": "EUR", "heldAt": "2026-12-24T17:00:00Z",
            "endsAt": "2026-12-24T17:10:00Z", "latestEndAt": "2026-12-24T17:30:00Z",
            "serverTime": "2026-12-24T17:00:00Z", "version": null
        })
    );
    let asked = world.catalog.script().sales.holds[0].clone();
    assert_eq!((user_of(&asked).as_str(), asked.idempotency_key.as_str()), ("user-90", "k-1"));
    assert_eq!((asked.concert_id, asked.schedule_id, asked.kept_answer_only), (7, 71, false));
    assert_eq!(asked.seats, Some(Seats::Named(catalog::SeatNumbers { seat_nos: vec![2] })));
}

#[tokio::test]
async fn the_best_available_are_asked_for_as_said() {
    let world = with_a_session().await;
    let body = json!({"bestAvailable": {"count": 3, "tier": "A", "section": "Stalls", "accessible": true}});
    assert_eq!(post(&world, Some(&token(90)), None, &body).await.status, 201);
    let plain = json!({"bestAvailable": {"count": 2}});
    assert_eq!(post(&world, Some(&token(90)), None, &plain).await.status, 201);
    let best = |count, tier: &str, section: &str, accessible| {
        let (tier, section) = (tier.to_owned(), section.to_owned());
        Some(Seats::BestAvailable(catalog::BestAvailable { count, tier, section, accessible }))
    };
    let asked: Vec<_> = world.catalog.script().sales.holds.iter().map(|hold| hold.seats.clone()).collect();
    assert_eq!(asked, [best(3, "A", "Stalls", true), best(2, "", "", false)]);
}

#[tokio::test]
async fn a_session_that_is_remembered_is_renewed_all_the_same() {
    let world = with_a_session().await;
    world.queue.script().place = Some(active(90, LEASE));
    assert_eq!(world.status(&token(90)).await.json()["status"], "ACTIVE");
    assert_eq!(world.queue.calls("renew"), 0);
    assert_eq!(post(&world, Some(&token(90)), None, &seat()).await.status, 201);
    assert_eq!(world.queue.calls("renew"), 1, "memory is not enough to sell by");
    // The queue has ended it, and this gateway does not know yet.
    world.queue.script().renewed = None;
    world.queue.script().place =
        Some(pb::Place { standing: pb::Standing::Expired.into(), session: None, ..active(90, LEASE) });
    post(&world, Some(&token(90)), None, &seat()).await.is_problem(403, "session-ended");
    assert_eq!(world.catalog.calls("hold"), 1, "nothing was held");
}

#[tokio::test]
async fn a_called_visitor_is_admitted_by_its_first_hold() {
    let world = World::start().await;
    world.queue.script().place = Some(active(90, LEASE));
    assert_eq!(post(&world, Some(&token(90)), None, &seat()).await.status, 201);
    assert_eq!((world.queue.calls("renew"), world.queue.calls("status")), (1, 1));
}

#[tokio::test]
async fn without_a_session_nothing_is_held() {
    let world = World::start().await;
    world.queue.script().place = Some(waiting(150, 49));
    post(&world, None, None, &seat()).await.is_problem(401, "token-missing");
    post(&world, Some("abc"), None, &seat()).await.is_problem(401, "token-invalid");
    post(&world, None, Some("k"), &json!({"seatIds": [2], "userId": "ada"}))
        .await
        .is_problem(401, "token-missing");
    post(&world, Some(&token_of(2, 1, 90)), None, &seat()).await.is_problem(403, "token-of-another-room");
    post(&world, Some(&token_of(1, 1, 0)), None, &seat()).await.is_problem(403, "not-in-line");
    post(&world, Some(&token_of(1, 0, 90)), None, &seat()).await.is_problem(401, "token-of-ended-epoch");
    let body = post(&world, Some(&token(190)), None, &seat()).await.is_problem(403, "still-waiting");
    assert_eq!(body["place"]["remainingQueueCount"], 89);
    assert_eq!(world.catalog.calls("hold"), 0);
    world.queue.script().place = Some(waiting(90, 0));
    let ready = post(&world, Some(&token(90)), None, &seat()).await;
    ready.is_problem(403, "still-waiting");
    assert!(ready.retry_after().is_some(), "{ready:?}");
    let another = json!({"seatIds": [2], "userId": "somebody"});
    post(&world, Some(&token(90)), None, &another).await.names_field(403, "user-mismatch", "userId");
    assert_eq!(world.catalog.calls("hold"), 0);
}

#[tokio::test]
async fn an_answer_that_was_kept_is_given_whatever_has_become_of_the_session() {
    let world = World::start().await;
    let expired = pb::Place { standing: pb::Standing::Expired.into(), session: None, ..active(90, LEASE) };
    world.queue.script().place = Some(expired);
    world.catalog.script().sales.kept_key = Some("k-1".to_owned());
    for shown in [token(90), token_of(2, 1, 90), token_of(1, 0, 90), token_of(1, 1, 0)] {
        let answer = post(&world, Some(&shown), Some("k-1"), &seat()).await;
        assert_eq!((answer.status, answer.json()["holdId"].as_str()), (201, Some(HOLD)), "{answer:?}");
    }
    assert!(world.catalog.script().sales.holds.iter().all(|hold| hold.kept_answer_only));
    post(&world, Some(&token(90)), Some("k-2"), &seat()).await.is_problem(403, "session-ended");
    post(&world, Some(&token(90)), None, &seat()).await.is_problem(403, "session-ended");
    assert_eq!(world.catalog.calls("hold"), 5, "without a key nobody is asked");
}

#[tokio::test]
async fn an_answer_that_was_kept_is_given_while_the_queue_is_away() {
    let world = World::start().await;
    world.queue.script().failing = Some(Status::unavailable("redis is away"));
    world.catalog.script().sales.kept_key = Some("k-1".to_owned());
    assert_eq!(post(&world, Some(&token(90)), Some("k-1"), &seat()).await.status, 201);
    let other = post(&world, Some(&token(90)), Some("k-2"), &seat()).await;
    assert_eq!(other.is_problem(503, "unavailable")["detail"], "the waiting rooms do not answer");
    // Nobody can tell whether there is an answer: a refusal would be taken for the last word.
    world.queue.script().failing = None;
    world.queue.script().place =
        Some(pb::Place { standing: pb::Standing::Expired.into(), session: None, ..active(90, LEASE) });
    world.catalog.script().sales.kept_failing = Some(Status::unavailable("postgres is away"));
    let unknown = post(&world, Some(&token(90)), Some("k-1"), &seat()).await;
    assert_eq!(unknown.is_problem(503, "unavailable")["detail"], "the seat catalog does not answer");
    world.catalog.script().sales.kept_failing = Some(refusal(catalog::Refusal::KeyReused, &[]));
    post(&world, Some(&token(90)), Some("k-1"), &seat()).await.is_problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn behind_a_room_that_is_off_a_buyer_names_itself() {
    let world = without_a_room().await;
    let named = |user: Value| json!({"seatIds": [2], "userId": user});
    assert_eq!(post(&world, None, None, &named(json!(17))).await.status, 201);
    assert_eq!(post(&world, Some("no token"), None, &named(json!("ada"))).await.status, 201);
    assert_eq!(post(&world, Some(&token_of(1, 1, 0)), None, &seat()).await.status, 201);
    assert_eq!(post(&world, Some(&token(90)), None, &named(json!("user-90"))).await.status, 201);
    let users: Vec<_> = world.catalog.script().sales.holds.iter().map(user_of).collect();
    assert_eq!(users, ["17", "ada", "user-0", "user-90"]);
    assert_eq!(world.queue.calls("renew") + world.queue.calls("status"), 0, "there is no session to ask for");
    post(&world, None, None, &seat()).await.names_field(422, "invalid-value", "userId");
    post(&world, Some("no token"), None, &seat()).await.is_problem(401, "token-invalid");
    post(&world, Some(&token(90)), None, &named(json!("ada"))).await.is_problem(403, "user-mismatch");
    assert_eq!(world.catalog.calls("hold"), 4);
}

#[tokio::test]
async fn with_access_tokens_a_buyer_is_who_the_issuer_says() {
    let key = IssuerKey::new("d", Algorithm::EdDSA);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(key_set(&[&key]).as_bytes()).unwrap();
    let queue = FakeQueue::open();
    queue.script().rooms[0].mode = pb::Mode::Off.into();
    let world = World::start_over(queue, |config| {
        config.identity.mode = IdentityMode::Jwks;
        config.identity.jwks = Some(JwksSource::File(file.path().to_owned()));
        config.identity.jwks_issuer = Some(ISSUER.to_owned());
        config.identity.jwks_audience = Some(AUDIENCE.to_owned());
    })
    .await;
    let ada = key.sign(&claims("ada"));
    assert_eq!(post(&world, Some(&ada), None, &seat()).await.status, 201);
    let queue_token = world.request(Method::POST, HOLDS).bearer_auth(token(90)).json(&seat());
    assert_eq!(Answer::of(queue_token).await.status, 201);
    let both = world.request(Method::POST, HOLDS).bearer_auth(&ada).header("token", token(91)).json(&seat());
    assert_eq!(Answer::of(both).await.status, 201);
    let users: Vec<_> = world.catalog.script().sales.holds.iter().map(user_of).collect();
    assert_eq!(users, ["ada", "user-90", "user-91"]);
    let named = json!({"seatIds": [2], "userId": "bob"});
    post(&world, Some(&ada), None, &named).await.is_problem(403, "user-mismatch");
    post(&world, None, None, &named).await.is_problem(401, "access-token-missing");
    post(&world, Some("neither"), None, &seat()).await.is_problem(401, "access-token-invalid");
    assert_eq!(world.get_with("/api/holds", &ada).await.status, 200);
    world.get("/api/holds").await.is_problem(401, "token-missing");
    world.get_with("/api/holds", "neither").await.is_problem(401, "access-token-invalid");
}

#[tokio::test]
async fn bodies_that_are_wrong_name_the_field() {
    let world = with_a_session().await;
    let many: Vec<u32> = (1..=101).collect();
    for (body, field) in [
        (json!({}), "seatIds"),
        (json!({"seatIds": []}), "seatIds"),
        (json!({"seatIds": null}), "seatIds"),
        (json!({"seatIds": [2, 2]}), "seatIds"),
        (json!({"seatIds": [0]}), "seatIds"),
        (json!({ "seatIds": many }), "seatIds"),
        (json!({"seatIds": [-1]}), "seatIds[0]"),
        (json!({"seatIds": [1, "2"]}), "seatIds[1]"),
        (json!({"seatIds": [4_294_967_296_u64]}), "seatIds[0]"),
        (json!({"seatIds": 2}), "seatIds"),
        (json!({"seatIds": [2], "bestAvailable": {"count": 1}}), "bestAvailable"),
        (json!({"bestAvailable": {}}), "bestAvailable.count"),
        (json!({"bestAvailable": {"count": 0}}), "bestAvailable.count"),
        (json!({"bestAvailable": {"count": 101}}), "bestAvailable.count"),
        (json!({"bestAvailable": {"count": 1, "row": "C"}}), "bestAvailable.row"),
        (json!({"seatIds": [2], "price": 1}), "price"),
        (json!({"seatIds": [2], "userId": ""}), "userId"),
    ] {
        post(&world, Some(&token(90)), None, &body).await.names_field(422, "invalid-value", field);
    }
    let text = world.request(Method::POST, HOLDS).bearer_auth(token(90)).body("seat 2");
    Answer::of(text).await.is_problem(415, "unsupported-media-type");
    let large = json!({"seatIds": [2], "padding": "x".repeat(20_000)});
    post(&world, Some(&token(90)), None, &large).await.is_problem(413, "body-too-large");
    assert_eq!(world.queue.calls("renew"), 0, "nobody is bothered");
}

#[tokio::test]
async fn keys_that_are_none_are_refused() {
    let world = with_a_session().await;
    let long = "k".repeat(256);
    for key in ["", "two words", "\"open", &long] {
        let answer = post(&world, Some(&token(90)), Some(key), &seat()).await;
        answer.names_field(400, "invalid-parameter", "Idempotency-Key");
    }
    let twice = world.request(Method::POST, HOLDS).bearer_auth(token(90)).json(&seat());
    let twice = twice.header("idempotency-key", "a").header("idempotency-key", "b");
    Answer::of(twice).await.names_field(400, "invalid-parameter", "Idempotency-Key");
    assert_eq!(world.catalog.calls("hold"), 0);
}

#[tokio::test]
async fn what_the_catalog_refuses_is_told_with_its_figures() {
    let world = with_a_session().await;
    let ask = |reason, facts: &'static [(&'static str, &'static str)]| {
        world.catalog.script().sales.refusing = Some(refusal(reason, facts));
        let world = &world;
        async move { post(world, Some(&token(90)), Some("k"), &seat()).await }
    };
    let taken = ask(catalog::Refusal::SeatsTaken, &[("seats", "2,3")]).await.is_problem(409, "seats-taken");
    assert_eq!(taken["seats"], json!([2, 3]));
    ask(catalog::Refusal::NotEnoughSeats, &[]).await.is_problem(409, "not-enough-seats");
    let limit = ask(catalog::Refusal::LimitReached, &[("limit", "6"), ("have", "5")]).await;
    let limit = limit.is_problem(409, "limit-reached");
    assert_eq!((&limit["limit"], &limit["have"]), (&json!(6), &json!(5)));
    ask(catalog::Refusal::SaleOver, &[]).await.is_problem(410, "sale-over");
    ask(catalog::Refusal::KeyReused, &[]).await.is_problem(422, "idempotency-key-reused");
    let closed = ask(catalog::Refusal::SaleNotOpen, &[("opens_at_ms", "4102444800000")]).await;
    assert_eq!(closed.is_problem(409, "sale-not-open")["opensAt"], "2100-01-01T00:00:00Z");
    assert_eq!(closed.retry_after(), None);
    let soon = (now_ms() + 90_000).to_string();
    world.catalog.script().sales.refusing =
        Some(refusal(catalog::Refusal::SaleNotOpen, &[("opens_at_ms", &soon)]));
    let soon = post(&world, Some(&token(90)), None, &seat()).await;
    soon.is_problem(409, "sale-not-open");
    assert!(soon.retry_after().is_some_and(|seconds| (60..=91).contains(&seconds)), "{soon:?}");
}
