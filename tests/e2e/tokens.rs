//! Each kind of queue token, and what it meets: the table of docs/problems.md.

use std::collections::BTreeSet;

use onsale_proto::queue::v1::{
    LeaveRequest, RenewRequest, StatusRequest, queue_service_client::QueueServiceClient,
};
use reqwest::Method;
use serde_json::json;
use tonic::Code;

use crate::{
    answer::Answer,
    api::{Api, policy, token},
    forgery::{faithful, forgeries},
    onsale::{Onsale, channel},
    wait::until,
};

const SCHEDULES: &str = "/api/concerts/1/schedules";
const SEATS: &str = "/api/concerts/1/schedules/1/seats";
const STATUS: &str = "/api/queues/status";

#[tokio::test]
async fn no_forged_token_is_taken_by_anybody() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("open", 10)).await;
    let api = onsale.api();
    let token = api.token("ada").await;
    api.until_active(&token).await;
    assert_eq!(api.status(&faithful(&token)).await.is(200)["status"], "ACTIVE");
    let mut queue = QueueServiceClient::new(channel(&onsale.queues[0]));
    let mut told = BTreeSet::new();
    for (what, token) in forgeries(&token) {
        for path in [STATUS, SCHEDULES, SEATS] {
            let answer = api.get_with(path, &token).await;
            assert_eq!(answer.status, 401, "{what} at {path}: {answer:?}");
            answer.is_problem(401, "token-invalid");
            told.insert(answer.text);
            let older = api.request(Method::GET, path).header("Token", &token);
            Answer::to(older).await.is_problem(401, "token-invalid");
        }
        api.leave(&token).await.is_problem(401, "token-invalid");
        // The service does not rely on its gateways.
        let refused = [
            queue.status(StatusRequest { token: token.clone() }).await.map(drop),
            queue.renew(RenewRequest { token: token.clone() }).await.map(drop),
            queue.leave(LeaveRequest { token }).await.map(drop),
        ];
        for outcome in refused {
            assert_eq!(outcome.unwrap_err().code(), Code::Unauthenticated, "{what}");
        }
    }
    assert_eq!(told.len(), 1, "nothing helps a forger: {told:?}");
    api.until_active(&token).await;
}

/// Asserts what a token meets at the seats and the schedules behind concert 1's room.
async fn meets(api: &Api, token: &str, status: u16, slug: &str) {
    for path in [SCHEDULES, SEATS] {
        api.get_with(path, token).await.is_problem(status, slug);
    }
}

#[tokio::test]
async fn what_each_token_meets_is_what_the_documentation_says() {
    let onsale = Onsale::start().await;
    let api = onsale.api();
    let numberless = api.token("early").await;
    for room in [1, 7] {
        onsale.put_room(room, &policy("open", 1)).await;
    }
    onsale.guard(2, 7).await;

    for path in [STATUS, SCHEDULES, SEATS] {
        api.get(path).await.is_problem(401, "token-missing");
    }
    api.status(&numberless).await.is_problem(403, "not-in-line");
    meets(&api, &numberless, 403, "not-in-line").await;
    api.leave(&numberless).await.is(204);

    let foreign = token(&api.join(&json!({"userId": "ada", "concertId": 2})).await.is(201));
    api.until_active(&foreign).await;
    meets(&api, &foreign, 403, "token-of-another-room").await;
    assert_eq!(api.get_with(SEATS, &foreign).await.json()["roomId"], 1);

    let active = api.token("bob").await;
    api.until_active(&active).await;
    let waiting = api.token("carol").await;
    meets(&api, &waiting, 403, "still-waiting").await;

    api.leave(&active).await.is(204);
    until("the session to be over", || async { api.get_with(SEATS, &active).await.status == 403 }).await;
    meets(&api, &active, 403, "session-ended").await;
    assert_eq!(api.status(&active).await.is(200)["status"], "EXPIRED");

    onsale.put_room(1, &policy("closed", 1)).await;
    meets(&api, &waiting, 403, "room-closed").await;
    api.until_status(&waiting, "CLOSED").await;

    let reset = api.admin(Method::POST, "rooms/1/reset", None).await.is(200);
    onsale.until_known(&reset).await;
    until("the reset to be known", || async { api.status(&waiting).await.status == 401 }).await;
    api.status(&waiting).await.is_problem(401, "token-of-ended-epoch");
    api.leave(&waiting).await.is_problem(401, "token-of-ended-epoch");
    meets(&api, &waiting, 401, "token-of-ended-epoch").await;
}

#[test]
fn every_row_of_the_documented_table_is_tested_here() {
    let documented = include_str!("../../docs/problems.md");
    let (_, table) = documented.split_once("## Tokens").unwrap();
    let answers = table.lines().filter(|line| line.starts_with('|')).filter_map(|row| row.split('|').nth(2));
    let slugs: BTreeSet<_> = answers
        .flat_map(|answer| answer.split('`').skip(1).step_by(2))
        .filter(|word| word.contains('-'))
        .collect();
    let here = include_str!("tokens.rs");
    let missing: Vec<_> = slugs.iter().filter(|slug| !here.contains(&format!("\"{slug}\""))).collect();
    assert!(slugs.len() >= 8 && missing.is_empty(), "of {slugs:?} these are not tested: {missing:?}");
}

#[tokio::test]
async fn yesterdays_token_keeps_nobody_from_joining() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("paused", 1)).await;
    let api = onsale.api();
    let first = api.join(&json!({"userId": "ada"})).await.is(201);
    for (what, forged) in forgeries(&token(&first)) {
        let join = api.with(Method::POST, "/api/queues/token", &forged).json(&json!({"userId": "ada"}));
        let joined = Answer::to(join).await.is(201);
        assert_eq!(joined["number"], first["number"], "{what}");
    }
}
