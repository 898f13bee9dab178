//! What a gateway remembers of sessions, and what makes it forget.

use std::time::Duration;

use onsale_proto::queue::v1 as pb;
use reqwest::Method;
use serde_json::json;

use crate::{
    fake_queue::{active, session, waiting},
    world::{Answer, World, token, token_of, until},
};

const LEASE: Duration = Duration::from_mins(3);
const SEATS: &str = "/api/concerts/7/schedules/71/seats";

/// A gateway that was told of number 90's session.
async fn remembering() -> World {
    let world = World::start().await;
    world.queue.script().place = Some(active(90, LEASE));
    assert_eq!(world.status(&token(90)).await.json()["status"], "ACTIVE");
    assert_eq!(world.queue.calls("status"), 1);
    world
}

#[tokio::test]
async fn a_revoked_session_is_asked_for_again_and_no_other() {
    let world = remembering().await;
    world.queue.script().place = Some(active(91, LEASE));
    world.status(&token(91)).await;
    {
        let mut script = world.queue.script();
        script.rooms[0].revoked_numbers = vec![90];
        script.rooms[0].last_revocation = 1;
    }
    world.queue.synced().await;
    world.queue.script().place =
        Some(pb::Place { standing: pb::Standing::Expired.into(), session: None, ..active(90, LEASE) });
    assert_eq!(world.status(&token(90)).await.json()["status"], "EXPIRED");
    assert_eq!(world.queue.calls("status"), 3);
    assert_eq!(world.status(&token(91)).await.json()["status"], "ACTIVE");
    assert_eq!(world.queue.calls("status"), 3);
    assert_eq!(world.queue.script().synced.last().unwrap().seen[0].revocation, 1);
}

#[tokio::test]
async fn a_gap_in_revocations_empties_the_memory() {
    let world = remembering().await;
    world.queue.script().rooms[0].revocation_gap = true;
    world.queue.synced().await;
    world.queue.script().rooms[0].revocation_gap = false;
    world.queue.synced().await;
    world.status(&token(90)).await;
    assert_eq!(world.queue.calls("status"), 2);
    world.status(&token(90)).await;
    assert_eq!(world.queue.calls("status"), 2, "and it fills again");
}

#[tokio::test]
async fn a_new_epoch_ends_what_was_remembered_of_the_old() {
    let world = remembering().await;
    world.queue.script().rooms[0].epoch = 2;
    world.queue.synced().await;
    world.status(&token(90)).await.is_problem(401, "token-of-ended-epoch");
    world.queue.script().place = Some(pb::Place { epoch: 2, ..active(90, LEASE) });
    world.status(&token_of(1, 2, 90)).await;
    assert_eq!(world.queue.calls("status"), 2);
}

#[tokio::test]
async fn a_session_ends_with_its_lease() {
    let world = World::start().await;
    world.queue.script().place = Some(active(90, Duration::from_millis(300)));
    world.status(&token(90)).await;
    until(|| async {
        world.status(&token(90)).await;
        world.queue.calls("status") > 1
    })
    .await;
}

#[tokio::test]
async fn activity_is_passed_on_once_an_interval_and_moves_the_end() {
    let world = World::start().await;
    {
        let mut script = world.queue.script();
        script.rooms[0].renew_after_ms = 200;
        script.place = Some(active(90, LEASE));
        script.renewed = Some(session(LEASE * 2));
    }
    world.queue.synced().await;
    let first = world.status(&token(90)).await.json()["expiresAt"].as_str().unwrap().to_owned();
    let begins = std::time::Instant::now();
    until(|| async { world.status(&token(90)).await.json()["expiresAt"].as_str() > Some(&first) }).await;
    let polls_took = begins.elapsed();
    assert!(polls_took >= Duration::from_millis(150), "renewed after {polls_took:?}");
    let renewals = world.queue.calls("renew");
    assert!(
        renewals <= usize::try_from(polls_took.as_millis() / 200).unwrap() + 1,
        "{renewals} in {polls_took:?}"
    );
    assert_eq!(world.queue.calls("status"), 1, "the answers came from memory");
}

#[tokio::test]
async fn a_session_that_cannot_be_renewed_is_forgotten() {
    let world = World::start().await;
    {
        let mut script = world.queue.script();
        script.rooms[0].renew_after_ms = 50;
        script.place = Some(active(90, LEASE));
        script.renewed = None;
    }
    world.queue.synced().await;
    world.status(&token(90)).await;
    until(|| async {
        world.status(&token(90)).await;
        world.queue.calls("status") > 1
    })
    .await;
    assert!(world.queue.calls("renew") >= 1);
}

#[tokio::test]
async fn browsing_is_activity_too() {
    let world = remembering().await;
    assert_eq!(world.get_with(SEATS, &token(90)).await.status, 200);
    assert_eq!(world.queue.calls("status"), 1, "the remembered session is trusted");
}

/// A gateway that was told of number 150's session by its join, while its view has 100 of 200 numbers called.
async fn joined_ahead_of_the_view() -> World {
    let world = World::start().await;
    world.queue.script().place = Some(active(150, LEASE));
    assert_eq!(world.join(&json!({"userId": "user-150"})).await.json()["status"], "ACTIVE");
    world
}

/// The queue's answer to who asks for number 150 from now on.
fn over(world: &World) {
    world.queue.script().place =
        Some(pb::Place { standing: pb::Standing::Expired.into(), session: None, ..active(150, LEASE) });
}

#[tokio::test]
async fn a_session_that_a_join_told_of_does_not_wait_for_the_view() {
    let world = joined_ahead_of_the_view().await;
    for _ in 0..3 {
        let body = world.status(&token(150)).await.json();
        assert_eq!((&body["status"], &body["sessionId"]), (&json!("ACTIVE"), &json!("5e55")), "{body}");
        assert_eq!(world.get_with(SEATS, &token(150)).await.status, 200);
        // Views that lag, as this script's does, take nothing of it back.
        world.queue.synced().await;
    }
    assert_eq!(world.queue.calls("status"), 0, "the answers came from memory");
}

#[tokio::test]
async fn who_comes_after_a_session_is_told_no_older_place() {
    let world = joined_ahead_of_the_view().await;
    assert_eq!(world.status(&token(160)).await.json()["remainingQueueCount"], 9);
    assert_eq!(world.get("/api/queues/rooms/1").await.json()["serving"], 150);
    // Called, and without a slot: so many are called too.
    world.queue.script().place = Some(pb::Place { ready: true, ..waiting(155, 0) });
    world.join(&json!({"userId": "user-155"})).await;
    assert_eq!(world.status(&token(160)).await.json()["remainingQueueCount"], 4);
    assert_eq!(world.status(&token(155)).await.json()["ready"], true);
    assert_eq!(world.queue.calls("status"), 1, "the called are the queue's to answer");
    world.queue.synced().await;
    assert_eq!(world.queue.script().synced.last().unwrap().seen[0].serving, 155, "and it is handed up");
}

#[tokio::test]
async fn a_session_ahead_of_the_view_is_forgotten_as_any_other() {
    let world = joined_ahead_of_the_view().await;
    let leave = world.request(Method::DELETE, "/api/queues/token").bearer_auth(token(150));
    assert_eq!(Answer::of(leave).await.status, 204);
    over(&world);
    assert_eq!(world.status(&token(150)).await.json()["status"], "EXPIRED", "left");

    let world = joined_ahead_of_the_view().await;
    {
        let mut script = world.queue.script();
        script.rooms[0].revoked_numbers = vec![150];
        script.rooms[0].last_revocation = 1;
    }
    world.queue.synced().await;
    over(&world);
    assert_eq!(world.status(&token(150)).await.json()["status"], "EXPIRED", "revoked");

    let world = joined_ahead_of_the_view().await;
    world.queue.script().rooms[0].revocation_gap = true;
    world.queue.synced().await;
    over(&world);
    assert_eq!(world.status(&token(150)).await.json()["status"], "EXPIRED", "a gap");

    let world = joined_ahead_of_the_view().await;
    world.queue.script().rooms[0].epoch = 2;
    world.queue.synced().await;
    world.status(&token(150)).await.is_problem(401, "token-of-ended-epoch");
    let next = world.status(&token_of(1, 2, 150)).await.json();
    assert_eq!(next["remainingQueueCount"], 49, "a new line is not called by the old one's numbers");

    let world = World::start().await;
    world.queue.script().place = Some(active(150, Duration::from_millis(300)));
    world.join(&json!({"userId": "user-150"})).await;
    over(&world);
    until(|| async { world.status(&token(150)).await.json()["status"] == "EXPIRED" }).await;
}

/// What ended meanwhile nobody told: the answer may be older than the gap.
#[tokio::test]
async fn a_join_under_way_during_a_gap_in_revocations_is_not_remembered() {
    let world = World::start().await;
    world.queue.script().place = Some(active(150, LEASE));
    world.queue.script().delay = Duration::from_millis(500);
    let (user, synced) = (json!({"userId": "user-150"}), async {
        until(|| async { world.queue.calls("join") == 1 }).await;
        {
            let mut script = world.queue.script();
            script.delay = Duration::ZERO;
            script.rooms[0].revocation_gap = true;
        }
        world.queue.synced().await;
        world.queue.script().rooms[0].revocation_gap = false;
        world.queue.synced().await;
    });
    let (joined, ()) = tokio::join!(world.join(&user), synced);
    assert_eq!(joined.json()["status"], "ACTIVE");
    over(&world);
    assert_eq!(world.status(&token(150)).await.json()["status"], "EXPIRED");
}
