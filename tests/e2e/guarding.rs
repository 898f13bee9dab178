//! What a room guards, and whom it lets in.

use reqwest::Method;
use serde_json::json;

use crate::{
    answer::Answer,
    api::{policy, token},
    onsale::Onsale,
    wait::until,
};

#[tokio::test]
async fn a_concert_with_a_room_of_its_own_is_read_by_who_is_active_there() {
    let onsale = Onsale::start_as(crate::onsale::Plan { gateways: 2, ..Default::default() }).await;
    onsale.put_room(7, &policy("open", 1)).await;
    onsale.guard(2, 7).await;
    let (api, other) = (onsale.api(), onsale.api_of(1));
    let (schedules, seats) = ("/api/concerts/2/schedules", "/api/concerts/2/schedules/27/seats");

    let joined = api.join(&json!({"userId": "ada", "concertId": 2})).await.is(201);
    assert_eq!(joined["roomId"], 7);
    let ada = token(&joined);
    api.until_active(&ada).await;
    // Another gateway hears of the call by its next sync.
    other.until_active(&ada).await;
    let bob = token(&api.join(&json!({"userId": "bob", "concertId": 2})).await.is(201));
    let carol = token(&api.join(&json!({"userId": "carol", "concertId": 2})).await.is(201));
    for path in [schedules, seats] {
        // A session is good at every gateway.
        api.get_with(path, &ada).await.is(200);
        other.get_with(path, &ada).await.is(200);
        let answer = api.get_with(path, &carol).await;
        let place = &answer.is_problem(403, "still-waiting")["place"];
        assert_eq!((&place["status"], &place["roomId"]), (&json!("WAITING"), &json!(7)));
        assert_eq!(place["remainingQueueCount"], 1);
        let poll_after_ms = place["pollAfterMs"].as_u64().unwrap();
        assert_eq!(answer.retry_after(), Some(poll_after_ms.div_ceil(1_000)));
    }
    api.leave(&ada).await.is(204);
    // Who is called and comes to the seats first is admitted by that.
    until("bob to be called in", || async { other.get_with(seats, &bob).await.status == 200 }).await;
    // The gateway that has not heard of the call yet asks the queue before it refuses who stands at the front.
    api.get_with(seats, &bob).await.is(200);
    api.until_active(&bob).await;

    // Concerts without a room of their own are the site room's, which is off.
    api.get("/api/concerts/1/schedules").await.is(200);
    api.get("/api/concerts/1/schedules/1/seats").await.is(200);
    api.get("/api/concerts/2").await.is(200);

    api.admin(Method::DELETE, "concerts/2/room", None).await.is(204);
    until("the concert to be the site room's", || async { api.get(schedules).await.status == 200 }).await;
}

#[tokio::test]
async fn behind_a_room_that_is_off_anyone_reads() {
    let onsale = Onsale::start().await;
    let api = onsale.api();
    let seats = "/api/concerts/1/schedules/1/seats";
    let joined = api.join(&json!({"userId": 1})).await.is(201);
    assert_eq!((&joined["status"], joined.get("number")), (&json!("ACTIVE"), None));
    for request in [
        api.request(Method::GET, seats),
        api.with(Method::GET, seats, &token(&joined)),
        api.with(Method::GET, seats, "nonsense"),
    ] {
        let answer = Answer::to(request).await;
        answer.is(200);
        let tag = &answer.headers["etag"];
        let again = api.request(Method::GET, seats).header("If-None-Match", tag);
        assert_eq!(Answer::to(again).await.status, 304);
    }
}

#[tokio::test]
async fn a_line_that_is_full_turns_away_and_disturbs_nobody_in_it() {
    let onsale = Onsale::start().await;
    let mut full = policy("paused", 1);
    full["maxWaiting"] = json!(3);
    onsale.put_room(1, &full).await;
    let api = onsale.api();
    let mut tokens = Vec::new();
    for user in ["ada", "bob", "carol"] {
        tokens.push(api.token(user).await);
    }
    let refused = api.join(&json!({"userId": "dan"})).await;
    assert_eq!(refused.is_problem(503, "line-full")["roomId"], 1);
    assert!(refused.retry_after().is_some(), "{refused:?}");
    for (before, token) in tokens.iter().enumerate() {
        assert_eq!(api.status(token).await.is(200)["remainingQueueCount"], before);
    }
    let ada = api.join(&json!({"userId": "ada"})).await.is(201);
    assert_eq!(ada["remainingQueueCount"], 0, "who is in line is not turned away");
    api.leave(&tokens[0]).await.is(204);
    api.join(&json!({"userId": "dan"})).await.is(201);
}
