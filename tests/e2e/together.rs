//! Visitors who come together, into a room with slots for all of them.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    api::{Api, policy, token},
    onsale::{Onsale, Plan},
};

const VISITORS: usize = 20;

/// Joins, and looks at everything at once: what each answer said.
async fn come(api: Api, visitor: usize) -> (String, Value) {
    let joined = api.join(&json!({ "userId": format!("visitor {visitor}") })).await.is(201);
    let token = token(&joined);
    let schedules = "/api/concerts/1/schedules";
    let seats = "/api/concerts/1/schedules/1/seats";
    let (status, schedules, seats) =
        tokio::join!(api.status(&token), api.get_with(schedules, &token), api.get_with(seats, &token));
    let status = status.is(200);
    let told = json!({
        "joined": joined["status"], "status": status["status"],
        "same session": joined["sessionId"].is_string() && joined["sessionId"] == status["sessionId"],
        "schedules": schedules.status, "seats": seats.status,
    });
    (token, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_told_of_a_session_has_it_at_once() {
    // The gateway's view of the room is older than the joins, on a busy machine too.
    let gateway = [("ONSALE_SYNC_INTERVAL_MS".to_owned(), "2000".to_owned())].into();
    let onsale = Onsale::start_as(Plan { gateway, ..Plan::default() }).await;
    let api = onsale.api();
    onsale.put_room(1, &policy("open", 100)).await;
    // Once there is credit for all of them it comes so slowly that the view's word alone lets hardly anybody in.
    api.until_active(&api.token("first").await).await;
    for mode in ["paused", "open"] {
        let mut slow = policy(mode, 100);
        slow["ratePerSecond"] = json!(1.0);
        onsale.put_room(1, &slow).await;
    }
    let visitors: JoinSet<_> = (0..VISITORS).map(|visitor| come(api.clone(), visitor)).collect();
    let told = visitors.join_all().await;
    let wanted = json!({
        "joined": "ACTIVE", "status": "ACTIVE", "same session": true, "schedules": 200, "seats": 200
    });
    let others: Vec<_> = told.iter().map(|(_, told)| told).filter(|told| **told != wanted).collect();
    assert!(others.is_empty(), "{} of {VISITORS}: {others:?}", others.len());

    // What is remembered so early is forgotten as early.
    let gone = &told[0].0;
    api.leave(gone).await.is(204);
    assert_eq!(api.status(gone).await.is(200)["status"], "EXPIRED");
    api.get_with("/api/concerts/1/schedules", gone).await.is_problem(403, "session-ended");
}
