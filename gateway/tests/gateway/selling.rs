//! What a buyer does with what it holds, and calls that may not be made twice.

use std::time::Duration;

use onsale_proto::{catalog::v1::buyer::Who, queue::v1 as pb};
use reqwest::Method;
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    fake_catalog::FakeCatalog,
    fake_queue::{FakeQueue, session},
    fake_sales::{HOLD, SALE, missing, refusal},
    peer::Peer,
    world::{Answer, World, token, token_of, within},
};

async fn send(world: &World, method: Method, path: &str, body: Option<Value>) -> Answer {
    send_with(world, (method, path), &token(90), None, body).await
}

async fn send_with(
    world: &World,
    (method, path): (Method, &str),
    token: &str,
    key: Option<&str>,
    body: Option<Value>,
) -> Answer {
    let mut request = world.request(method, path).bearer_auth(token);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    Answer::of(request).await
}

fn hold(rest: &str) -> String {
    format!("/api/holds/{HOLD}{rest}")
}

fn sale() -> String {
    format!("/api/sales/{SALE}")
}

fn order() -> Value {
    json!({"orderRef": "order-1"})
}

/// Everything that is asked about what a buyer has.
fn all() -> Vec<(Method, String, Option<Value>)> {
    vec![
        (Method::GET, "/api/holds".to_owned(), None),
        (Method::GET, hold(""), None),
        (Method::DELETE, hold(""), None),
        (Method::POST, hold("/extension"), None),
        (Method::POST, hold("/checkout"), None),
        (Method::POST, hold("/confirmation"), Some(order())),
        (Method::GET, sale(), None),
        (Method::DELETE, sale(), None),
    ]
}

#[tokio::test]
async fn a_hold_goes_its_way() {
    let world = World::start().await;
    let state = |answer: &Answer| (answer.status, answer.json()["state"].as_str().map(str::to_owned));
    let is = |status: u16, name: &str| (status, Some(name.to_owned()));
    let seen = send(&world, Method::GET, &hold(""), None).await;
    assert_eq!(state(&seen), is(200, "HELD"));
    assert_eq!(seen.json().get("version"), None, "nothing was written");
    let extended = send(&world, Method::POST, &hold("/extension"), None).await;
    assert_eq!(state(&extended), is(200, "HELD"));
    assert!(extended.json()["version"].is_string(), "{extended:?}");
    assert_eq!(state(&send(&world, Method::POST, &hold("/checkout"), None).await), is(200, "PAYING"));
    assert_eq!(state(&send(&world, Method::DELETE, &hold(""), None).await), is(200, "RELEASED"));
    let list = send(&world, Method::GET, "/api/holds", None).await.json();
    assert_eq!(list["holds"][0]["holdId"], HOLD);
    let script = world.catalog.script();
    assert!(script.sales.keys.iter().all(|key| key.hold_id == HOLD && key.idempotency_key.is_empty()));
    let user = script.sales.lists[0].buyer.clone().unwrap().who;
    assert_eq!(user, Some(Who::User("user-90".to_owned())));
}

#[tokio::test]
async fn a_hold_is_sold_and_the_sale_is_taken_back() {
    let world = World::start().await;
    let sold = send(&world, Method::POST, &hold("/confirmation"), Some(order())).await;
    assert_eq!((sold.status, sold.header("location")), (201, Some(sale().as_str())), "{sold:?}");
    let body = sold.json();
    assert_eq!((&body["orderRef"], &body["state"]), (&json!("order-1"), &json!("SOLD")));
    assert_eq!((&body["soldAt"], body.get("cancelledAt")), (&json!("2026-12-24T17:00:00Z"), None));
    assert_eq!(send(&world, Method::GET, &sale(), None).await.json()["saleId"], SALE);
    let cancelled = send(&world, Method::DELETE, &sale(), None).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(cancelled.json()["state"], "CANCELLED");
    assert_eq!(cancelled.json()["cancelledAt"], "2026-12-24T17:00:01Z");
}

#[tokio::test]
async fn what_a_buyer_has_outlives_its_session() {
    let world = World::start().await;
    world.queue.script().failing = Some(Status::unavailable("redis is away"));
    for shown in [token(90), token_of(9, 1, 90), token_of(1, 0, 90), token_of(1, 1, 0)] {
        for (method, path, body) in all() {
            let answer = send_with(&world, (method.clone(), &path), &shown, None, body).await;
            assert!((200..=201).contains(&answer.status), "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(world.queue.calls("renew") + world.queue.calls("status"), 0);
}

#[tokio::test]
async fn who_shows_nothing_is_nobody() {
    let world = World::start().await;
    world.queue.script().rooms[0].mode = pb::Mode::Off.into();
    world.queue.synced().await;
    for (method, path, body) in all() {
        let mut request = world.request(method.clone(), &format!("{path}?userId=user-90"));
        if let Some(body) = &body {
            request = request.json(body);
        }
        Answer::of(request).await.is_problem(401, "token-missing");
        let forged = send_with(&world, (method, &path), "abc", None, body).await;
        forged.is_problem(401, "token-invalid");
    }
    let script = world.catalog.script();
    assert!(script.calls.keys().all(|method| !method.contains("hold") && !method.contains("sale")));
}

#[tokio::test]
async fn ids_and_orders_that_are_none_are_named() {
    let world = World::start().await;
    for id in ["1", "x", "0194f3a05b1c7e2a9c113f0a2b4c5d6e", "%7B0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e%7D"] {
        for (method, path, field) in [
            (Method::GET, format!("/api/holds/{id}"), "holdId"),
            (Method::DELETE, format!("/api/holds/{id}"), "holdId"),
            (Method::POST, format!("/api/holds/{id}/extension"), "holdId"),
            (Method::POST, format!("/api/holds/{id}/checkout"), "holdId"),
            (Method::GET, format!("/api/sales/{id}"), "saleId"),
            (Method::DELETE, format!("/api/sales/{id}"), "saleId"),
        ] {
            send(&world, method, &path, None).await.names_field(400, "invalid-parameter", field);
        }
    }
    let long = "x".repeat(256);
    for body in [json!({}), json!({"orderRef": ""}), json!({"orderRef": long}), json!({"orderRef": "a\nb"})] {
        let answer = send(&world, Method::POST, &hold("/confirmation"), Some(body)).await;
        answer.names_field(422, "invalid-value", "orderRef");
    }
    assert!(world.catalog.script().calls.is_empty(), "no service is bothered");
}

#[tokio::test]
async fn refusals_of_a_hold_have_a_problem_each() {
    use onsale_proto::catalog::v1::Refusal;
    let world = World::start().await;
    for (reason, status, slug) in [
        (Refusal::HoldEnded, 410, "hold-ended"),
        (Refusal::PaymentBegun, 409, "payment-begun"),
        (Refusal::HoldSold, 409, "hold-sold"),
        (Refusal::AnotherOrder, 409, "another-order"),
    ] {
        world.catalog.script().sales.refusing = Some(refusal(reason, &[]));
        send(&world, Method::POST, &hold("/confirmation"), Some(order())).await.is_problem(status, slug);
    }
    for (what, field) in [("hold", "holdId"), ("sale", "saleId")] {
        world.catalog.script().sales.refusing = Some(missing(what));
        send(&world, Method::GET, &hold(""), None).await.names_field(404, "not-found", field);
    }
    world.catalog.script().sales.refusing = Some(Status::unavailable("postgres is away"));
    for (method, path, body) in all() {
        send(&world, method, &path, body).await.is_problem(503, "unavailable");
    }
}

/// A gateway over two copies of the catalog, which count together, and answer everything with that.
async fn over_two_copies(status: Status) -> (World, Vec<Peer>) {
    let (queue, catalog) = (FakeQueue::open(), FakeCatalog::default());
    let queues = vec![Peer::start(queue.routes()).await];
    let catalogs = vec![Peer::start(catalog.routes()).await, Peer::start(catalog.routes()).await];
    let urls = (vec![queues[0].url()], catalogs.iter().map(Peer::url).collect());
    let world = World::between(queue, catalog, urls, queues, |_| {}).await;
    within(world.process.readiness().until(true)).await;
    world.queue.script().renewed = Some(session(Duration::from_mins(3)));
    world.catalog.script().sales.refusing = Some(status);
    (world, catalogs)
}

const HOLDS: &str = "/api/concerts/7/schedules/71/holds";

#[tokio::test]
async fn only_what_is_the_same_twice_is_sent_twice() {
    let (world, _catalogs) = over_two_copies(Status::unavailable("postgres is away")).await;
    let seat = || Some(json!({"seatIds": [2]}));
    for (method, path, body, key, called, times) in [
        (Method::POST, HOLDS.to_owned(), seat(), None, "hold", 1),
        (Method::POST, HOLDS.to_owned(), seat(), Some("k"), "hold", 2),
        (Method::POST, hold("/extension"), None, None, "extend", 1),
        (Method::POST, hold("/extension"), None, Some("k"), "extend", 2),
        (Method::POST, hold("/checkout"), None, None, "check_out", 2),
        (Method::POST, hold("/confirmation"), Some(order()), None, "confirm", 2),
        (Method::DELETE, hold(""), None, None, "release", 2),
        (Method::DELETE, sale(), None, None, "cancel", 2),
        (Method::GET, hold(""), None, None, "get_hold", 2),
        (Method::GET, "/api/holds".to_owned(), None, None, "list_holds", 2),
        (Method::GET, sale(), None, None, "get_sale", 2),
    ] {
        let before = world.catalog.calls(called);
        let answer = send_with(&world, (method, &path), &token(90), key, body).await;
        answer.is_problem(503, "unavailable");
        assert_eq!(world.catalog.calls(called) - before, times, "{called} with key {key:?}");
    }
}

#[tokio::test]
async fn a_hold_that_did_not_arrive_is_sent_to_another_copy() {
    let (world, mut catalogs) = over_two_copies(Status::internal("not yet")).await;
    world.catalog.script().sales.refusing = None;
    catalogs.remove(0).kill().await;
    for seat in 1..=12 {
        let answer = send(&world, Method::POST, HOLDS, Some(json!({"seatIds": [seat]}))).await;
        // A connection that dies under the request is all that may be noticed, and only once.
        assert!(answer.status == 201 || (seat == 1 && answer.status == 503), "{seat}: {answer:?}");
    }
    let mut seats: Vec<_> =
        world.catalog.script().sales.holds.iter().map(|hold| format!("{:?}", hold.seats)).collect();
    let sent = seats.len();
    seats.sort();
    seats.dedup();
    assert_eq!(seats.len(), sent, "none was held twice");
}
