//! What a gateway remembers of sessions, and what makes it forget.

use std::time::Duration;

use onsale_proto::queue::v1 as pb;

use crate::{
    fake_queue::{active, session},
    world::{World, token, token_of, until},
};

const LEASE: Duration = Duration::from_mins(3);

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
    let seats = "/api/concerts/7/schedules/71/seats";
    assert_eq!(world.get_with(seats, &token(90)).await.status, 200);
    assert_eq!(world.queue.calls("status"), 1, "the remembered session is trusted");
}
