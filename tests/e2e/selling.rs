//! From the line to a confirmed sale: what buyers do, and what they are refused.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    api::{Api, policy},
    onsale::{Onsale, Plan},
    shop::{HOLDS, Shop, seat_ids},
    wait::until,
};

/// Tests that sell have a Postgres of their own: others count what is free.
async fn onsale() -> Onsale {
    Onsale::start_as(Plan { own_postgres: true, ..Plan::default() }).await
}

async fn short_holds(seconds: &str) -> Onsale {
    let settings =
        ["ONSALE_HOLD_SECONDS", "ONSALE_PAYMENT_SECONDS"].map(|name| (name.to_owned(), seconds.to_owned()));
    Onsale::start_as(Plan { own_postgres: true, all: BTreeMap::from(settings), ..Plan::default() }).await
}

/// Someone who is in.
async fn buyer(api: &Api, user: &str) -> Shop {
    let token = api.token(user).await;
    api.until_active(&token).await;
    Shop::new(api.clone(), token)
}

#[tokio::test]
async fn a_whole_visit_ends_with_a_sale() {
    let onsale = onsale().await;
    onsale.put_room(1, &policy("open", 1)).await;
    let (api, ada) = (onsale.api(), onsale.api().token("ada").await);
    let ada = Shop::new(api.clone(), ada);
    api.until_active(&ada.token).await;
    let waiting = Shop::new(api.clone(), api.token("bob").await);
    waiting.hold(&[1]).await.is_problem(403, "still-waiting");

    let free = ada.free().await;
    let answered = ada.hold(&free[..2]).await;
    let hold = answered.is(201);
    assert_eq!(answered.headers["location"], format!("/api/holds/{}", hold["holdId"].as_str().unwrap()));
    assert_eq!((&hold["state"], seat_ids(&hold)), (&json!("HELD"), free[..2].to_vec()));
    assert_eq!(
        hold["amount"].as_u64(),
        hold["seats"].as_array().unwrap().iter().map(|seat| seat["seatPrice"].as_u64()).sum()
    );
    assert_eq!(ada.free_after(&hold).await, free[2..], "who reads what it wrote sees it");
    assert_eq!(ada.holds().await, [hold["holdId"].clone()]);

    let extended = ada.step(&hold, "extension", None).await.is(200);
    assert_eq!(extended["endsAt"], hold["endsAt"], "five minutes from now are less than ten");
    let paying = ada.step(&hold, "checkout", None).await.is(200);
    assert_eq!(paying["state"], "PAYING");
    ada.step(&hold, "extension", None).await.is_problem(409, "payment-begun");
    let sale = ada.confirm(&hold, "order-1").await.is(201);
    assert_eq!((&sale["orderRef"], seat_ids(&sale)), (&json!("order-1"), free[..2].to_vec()));
    assert_eq!(ada.confirm(&hold, "order-1").await.is(201)["saleId"], sale["saleId"]);
    ada.confirm(&hold, "order-2").await.is_problem(409, "another-order");
    ada.release(&hold).await.is_problem(409, "hold-sold");
    assert_eq!(ada.sale(&sale).await.is(200)["state"], "SOLD");
    assert_eq!(ada.get(&hold).await.is(200)["saleId"], sale["saleId"]);
    assert_eq!(ada.holds().await, [] as [Value; 0]);

    let cancelled = ada.cancel(&sale).await.is(200);
    assert_eq!((&cancelled["state"], ada.free_after(&cancelled).await), (&json!("CANCELLED"), free));
    let again = ada.cancel(&sale).await.is(200);
    assert_eq!(
        (&again["state"], again.get("version")),
        (&json!("CANCELLED"), None),
        "nothing more was written"
    );
}

#[tokio::test]
async fn what_somebody_holds_is_nobody_elses() {
    let onsale = onsale().await;
    let api = onsale.api();
    let (ada, eve) = (buyer(&api, "ada").await, buyer(&api, "eve").await);
    let free = ada.free().await;
    let hold = ada.hold(&free[..1]).await.is(201);
    let taken = eve.hold(&free[..2]).await;
    assert_eq!(taken.is_problem(409, "seats-taken")["seats"], json!([free[0]]));
    for answer in [
        eve.get(&hold).await,
        eve.step(&hold, "extension", None).await,
        eve.step(&hold, "checkout", None).await,
        eve.confirm(&hold, "order-1").await,
        eve.release(&hold).await,
    ] {
        assert_eq!(answer.is_problem(404, "not-found")["errors"][0]["field"], "holdId");
    }
    let sale = ada.confirm(&hold, "order-1").await.is(201);
    eve.sale(&sale).await.is_problem(404, "not-found");
    eve.cancel(&sale).await.is_problem(404, "not-found");
    let other = ada.hold(&free[1..2]).await.is(201);
    assert_eq!(ada.release(&other).await.is(200)["state"], "RELEASED");
    assert_eq!(ada.release(&other).await.is(200)["state"], "RELEASED");
    ada.confirm(&other, "order-2").await.is_problem(410, "hold-ended");
    eve.hold(&free[1..2]).await.is(201);
}

#[tokio::test]
async fn a_session_that_ended_between_hold_and_payment_takes_nothing_away() {
    let onsale = onsale().await;
    onsale.put_room(1, &policy("open", 10)).await;
    let api = onsale.api();
    let ada = buyer(&api, "ada").await;
    let free = ada.free().await;
    let hold = ada.hold_keyed(&free[..1], "k-1").await.is(201);
    api.leave(&ada.token).await.is(204);
    until("the session to be over", || async { api.status(&ada.token).await.json()["status"] == "EXPIRED" })
        .await;
    ada.hold(&free[1..2]).await.is_problem(403, "session-ended");
    ada.hold_keyed(&free[1..2], "k-2").await.is_problem(403, "session-ended");
    assert_eq!(
        ada.hold_keyed(&free[..1], "k-1").await.is(201)["holdId"],
        hold["holdId"],
        "it was answered once"
    );
    ada.hold_keyed(&free[1..2], "k-1").await.is_problem(422, "idempotency-key-reused");
    ada.step(&hold, "extension", None).await.is(200);
    ada.step(&hold, "checkout", None).await.is(200);
    let sale = ada.confirm(&hold, "order-1").await.is(201);
    ada.sale(&sale).await.is(200);
    // A reset ends every place, and no sale.
    api.admin(Method::POST, "rooms/1/reset", None).await.is(200);
    ada.cancel(&sale).await.is(200);
}

#[tokio::test]
async fn the_same_key_is_the_same_answer_whatever_has_become_of_it() {
    let onsale = onsale().await;
    let ada = buyer(&onsale.api(), "ada").await;
    let free = ada.free().await;
    let first = ada.hold_keyed(&free[..1], "one").await.is(201);
    let (one, two) = tokio::join!(ada.hold_keyed(&free[1..3], "two"), ada.hold_keyed(&free[1..3], "\"two\""));
    for answer in [&one, &two] {
        assert!(
            answer.status == 201 || (answer.status == 503 && answer.retry_after().is_some()),
            "{answer:?}"
        );
    }
    let again = ada.hold_keyed(&free[1..3], "two").await.is(201);
    assert!([one, two].iter().filter(|answer| answer.status == 201).all(|answer| answer.json() == again));
    assert_eq!(ada.holds().await.len(), 2);
    let extended = ada.step(&first, "extension", Some("three")).await.is(200);
    assert_eq!(ada.step(&first, "extension", Some("three")).await.is(200), extended);
    ada.step(&first, "extension", Some("one")).await.is_problem(422, "idempotency-key-reused");
    ada.release(&first).await.is(200);
    assert_eq!(
        ada.hold_keyed(&free[..1], "one").await.is(201),
        first,
        "released since, and answered as then"
    );
}

#[tokio::test]
async fn a_hold_ends_at_its_instant_and_its_seat_is_anothers_at_once() {
    let onsale = short_holds("2").await;
    let api = onsale.api();
    let (ada, eve) = (buyer(&api, "ada").await, buyer(&api, "eve").await);
    let free = ada.free().await;
    let hold = ada.hold(&free[..1]).await.is(201);
    let paid = ada.hold(&free[1..2]).await.is(201);
    ada.step(&paid, "checkout", None).await.is(200);
    until("the seat to be another's", || async { eve.hold(&free[..1]).await.status == 201 }).await;
    let ended = ada.get(&hold).await.is(200);
    assert_eq!(ended["state"], "ENDED");
    let text = |value: &Value, field: &str| value[field].as_str().unwrap().trim_end_matches('Z').to_owned();
    assert!(text(&ended, "endsAt") <= text(&ended, "serverTime"), "{ended}");
    for answer in [ada.confirm(&hold, "order-1").await, ada.step(&hold, "extension", None).await] {
        answer.is_problem(410, "hold-ended");
    }
    ada.release(&hold).await.is(200);
    until("the payment to be overdue", || async { ada.get(&paid).await.json()["state"] == "ENDED" }).await;
    ada.confirm(&paid, "late").await.is_problem(410, "hold-ended");
}

#[tokio::test]
async fn behind_a_room_that_is_off_a_buyer_names_itself_and_shows_a_token_afterwards() {
    let onsale = onsale().await;
    let api = onsale.api();
    let free = Shop::new(api.clone(), api.token("ada").await).free().await;
    let body = json!({"seatIds": [free[0]], "userId": "ada"});
    let hold = Answer::to(api.request(Method::POST, HOLDS).json(&body)).await.is(201);
    let path = format!("/api/holds/{}", hold["holdId"].as_str().unwrap());
    api.get(&format!("{path}?userId=ada")).await.is_problem(401, "token-missing");
    let ada = Shop::new(api.clone(), api.token("ada").await);
    ada.confirm(&hold, "order-1").await.is(201);
    let nameless = json!({"seatIds": [free[1]]});
    Answer::to(api.request(Method::POST, HOLDS).json(&nameless)).await.is_problem(422, "invalid-value");
}

#[tokio::test]
async fn the_house_chooses_for_who_asks_it_to() {
    let onsale = onsale().await;
    let ada = buyer(&onsale.api(), "ada").await;
    let free = ada.free().await;
    let best = ada.hold_as(&json!({"bestAvailable": {"count": 2}}), Some("best")).await.is(201);
    let seats = seat_ids(&best);
    assert!(seats.len() == 2 && seats.iter().all(|seat| free.contains(seat)), "{best}");
    let again = ada.hold_as(&json!({"bestAvailable": {"count": 2}}), Some("best")).await.is(201);
    assert_eq!(again, best);
    let tier = ada.hold_as(&json!({"bestAvailable": {"count": 1, "tier": "A"}}), None).await.is(201);
    assert_eq!(tier["seats"][0]["tier"], "A");
    let many = ada.hold_as(&json!({"bestAvailable": {"count": 50}}), None).await;
    assert_eq!(many.status, 409, "{many:?}");
    let nowhere = json!({"bestAvailable": {"count": 1, "section": "Nowhere"}});
    ada.hold_as(&nowhere, None).await.is_problem(404, "not-found");
    let left = ada.free_after(&tier).await;
    assert_eq!(left.len(), free.len() - 3);
}

#[tokio::test]
async fn bad_requests_are_refused_by_name() {
    let onsale = onsale().await;
    let ada = buyer(&onsale.api(), "ada").await;
    let free = ada.free().await;
    let many: Vec<u64> = (1..=101).collect();
    for (body, status, slug, field) in [
        (json!({"seatIds": []}), 422, "invalid-value", "seatIds"),
        (json!({"seatIds": [free[0], free[0]]}), 422, "invalid-value", "seatIds"),
        (json!({"seatIds": [9_999]}), 422, "invalid-value", "seatIds"),
        (json!({ "seatIds": many }), 422, "invalid-value", "seatIds"),
        (json!({"bestAvailable": {"count": 0}}), 422, "invalid-value", "bestAvailable.count"),
    ] {
        let problem = ada.hold_as(&body, None).await.is_problem(status, slug);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for (path, field) in [
        ("/api/concerts/2/schedules/1/holds", "concertScheduleId"),
        ("/api/concerts/1/schedules/999999/holds", "concertScheduleId"),
        ("/api/concerts/999999/schedules/1/holds", "concertScheduleId"),
    ] {
        let request = ada.api.with(Method::POST, path, &ada.token).json(&json!({"seatIds": [1]}));
        let problem = Answer::to(request).await.is_problem(404, "not-found");
        assert_eq!(problem["errors"][0]["field"], field, "{path}");
    }
    let limit = ada.hold(&free[..9]).await.is_problem(409, "limit-reached");
    assert_eq!((&limit["limit"], &limit["have"]), (&json!(8), &json!(0)));
    let request = ada.api.with(Method::GET, "/api/holds/00000000-0000-7000-8000-000000000000", &ada.token);
    Answer::to(request).await.is_problem(404, "not-found");
    assert_eq!(ada.free().await, free, "nothing was held by any of it");
}
