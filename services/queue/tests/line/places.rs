//! What becomes of one visitor: every way through the line.

use std::{sync::Arc, time::Duration};

use onsale_queue::{
    domain::{Policy, Snapshot},
    store::redis::{Claim, ModeChange, PlaceRef, RoomEpoch},
    waiting_room::{JoinRefusal, Kind, RoomError, Standing, WaitingRooms},
};
use onsale_telemetry::Instruments;
use onsale_token::{Mode, UserId};

use crate::house::{House, ROOM, is_active, keyring, open, redis_cli, request};

fn remaining(standing: &Standing) -> Option<u64> {
    match standing {
        Standing::Waiting { remaining, ready: false, .. } => Some(*remaining),
        Standing::Waiting { .. } | Standing::Active(_) | Standing::Expired | Standing::Closed => None,
    }
}

fn is_ready(standing: &Standing) -> bool {
    matches!(standing, Standing::Waiting { ready: true, remaining: 0, .. })
}

#[tokio::test]
async fn who_finds_nobody_waiting_is_in_at_once_and_stays_in_the_same_session() {
    let house = House::open(1, open()).await;
    house.until_snapshot("credit", |snapshot| snapshot.head.credit >= 1.0).await;
    let joined = house.join("ada").await;
    assert!(is_active(&joined.place), "{joined:?}");
    let again = house.join("ada").await;
    assert_eq!(again.place, joined.place, "a second tab is the same place and session");
    assert_eq!(house.status(&joined.token).await, joined.place);
    assert_eq!(house.status(&again.token).await, joined.place);
}

#[tokio::test]
async fn a_full_room_makes_the_next_wait_until_a_slot_is_given_back() {
    let house = House::open(1, Policy { capacity: 1, ..open() }).await;
    let first = house.join("ada").await;
    house.until_active(&first.token).await;
    let second = house.join("bob").await;
    assert_eq!(remaining(&second.place.standing), Some(0));
    let third = house.join("cid").await;
    assert_eq!(remaining(&third.place.standing), Some(1));
    house.rooms().leave(&first.token).await.unwrap();
    assert!(is_active(&house.until_active(&second.token).await));
    assert_eq!(house.status(&first.token).await.standing, Standing::Expired);
    assert!(!is_active(&house.status(&third.token).await));
    house.rooms().leave(&first.token).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_with_its_lease_unless_it_is_renewed_and_renewal_ends_with_the_cap() {
    let lease = Duration::from_millis(1_500);
    let policy = Policy { lease, session_cap: lease * 2, ..open() };
    let house = House::open(1, policy).await;
    let (kept, lost) = (house.join("ada").await, house.join("bob").await);
    house.until_active(&lost.token).await;
    let Standing::Active(Some(session)) = house.until_active(&kept.token).await.standing else {
        panic!("not in a session")
    };
    let cap = session.started_at_ms + 3_000;
    loop {
        match house.rooms().renew(&kept.token).await {
            Ok(renewed) => {
                assert_eq!(renewed.id, session.id);
                assert!(renewed.lease_end_ms <= cap);
            }
            Err(RoomError::NoSession) => break,
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let now = i64::try_from(house.snapshot().await.now_ms).unwrap();
    assert!(now >= cap, "it lasted until the cap");
    assert_eq!(house.status(&kept.token).await.standing, Standing::Expired);
    assert_eq!(house.status(&lost.token).await.standing, Standing::Expired);
    let again = house.join("ada").await;
    assert!(again.place.number > kept.place.number, "a used-up place is followed by a new one, at the end");
}

#[tokio::test]
async fn who_leaves_the_line_is_passed_over_and_may_join_again_at_the_end() {
    let house = House::open(1, Policy { capacity: 1, ..open() }).await;
    let first = house.join("ada").await;
    house.until_active(&first.token).await;
    let (second, third) = (house.join("bob").await, house.join("cid").await);
    house.rooms().leave(&second.token).await.unwrap();
    house.rooms().leave(&second.token).await.unwrap();
    assert_eq!(house.snapshot().await.head.left_waiting, 1);
    let again = house.join("bob").await;
    assert!(again.place.number > third.place.number);
    house.rooms().leave(&first.token).await.unwrap();
    house.until_active(&third.token).await;
    let snapshot = house.snapshot().await;
    assert_eq!((snapshot.head.left_waiting, snapshot.active), (0, 1));
    assert_eq!(house.status(&second.token).await.standing, Standing::Expired);
}

#[tokio::test]
async fn where_all_who_waited_have_left_the_line_is_passed_over_to_its_end() {
    let house = House::open(1, Policy { mode: Mode::Prequeue, ..open() }).await;
    for token in join_all(&house, 3).await {
        house.rooms().leave(&token).await.unwrap();
    }
    house.put(&open()).await;
    let passed = |snapshot: &Snapshot| (snapshot.head.serving, snapshot.head.left_waiting) == (3, 0);
    house.until_snapshot("the line to be passed over", passed).await;
}

#[tokio::test]
async fn who_is_called_and_finds_no_slot_is_ready_and_the_lowest_number_goes_first() {
    let house = House::open(1, Policy { capacity: 2, ..open() }).await;
    let tokens: Vec<_> = join_all(&house, 4).await;
    house.until_active(&tokens[0]).await;
    house.until_active(&tokens[1]).await;
    // Two more slots call two more visitors; then the slots go before they come.
    house.put(&Policy { capacity: 4, ..open() }).await;
    house.until_snapshot("calls", |snapshot| snapshot.head.serving == 4).await;
    house.put(&Policy { capacity: 2, ..open() }).await;
    assert!(is_ready(&house.status(&tokens[3]).await.standing));
    assert!(is_ready(&house.status(&tokens[2]).await.standing));
    house.rooms().leave(&tokens[0]).await.unwrap();
    assert!(is_ready(&house.status(&tokens[3]).await.standing), "a lower number is ready");
    assert!(is_active(&house.status(&tokens[2]).await));
    house.rooms().leave(&tokens[1]).await.unwrap();
    assert!(is_active(&house.status(&tokens[3]).await));
}

#[tokio::test]
async fn who_comes_back_after_the_claim_window_is_in_and_after_the_return_window_is_not() {
    let claim_window = Duration::from_millis(600);
    let policy = Policy { claim_window, return_window: Duration::from_secs(4), capacity: 4, ..open() };
    let house = House::open(1, policy.clone()).await;
    house.put(&Policy { mode: Mode::Paused, ..policy.clone() }).await;
    let tokens = join_all(&house, 2).await;
    house.put(&policy).await;
    house.until_snapshot("lapse", |snapshot| snapshot.head.floor >= 1).await;
    assert!(is_active(&house.status(&tokens[0]).await), "back within the return window");
    house.until_snapshot("return window", |snapshot| snapshot.head.gone >= 2).await;
    assert_eq!(house.status(&tokens[1]).await.standing, Standing::Expired);
    assert!(house.join("user 1").await.place.number > 2, "a place that is gone is followed by a new one");
}

#[tokio::test]
async fn windows_stand_still_while_the_room_is_paused() {
    let window = Duration::from_millis(600);
    let policy = Policy { claim_window: window, return_window: Duration::ZERO, ..open() };
    let house = House::open(1, Policy { mode: Mode::Paused, ..policy.clone() }).await;
    let tokens = join_all(&house, 1).await;
    house.put(&policy).await;
    house.until_snapshot("call", |snapshot| snapshot.head.serving == 1).await;
    house.rooms().set_mode(ROOM, ModeChange::Pause).await.unwrap();
    let paused_at = house.snapshot().await;
    tokio::time::sleep(window * 2).await;
    let later = house.snapshot().await;
    assert_eq!((later.head.clock_ms, later.head.gone), (paused_at.head.clock_ms, 0));
    assert!(is_ready(&house.status(&tokens[0]).await.standing), "nobody is admitted while paused");
    house.rooms().set_mode(ROOM, ModeChange::Resume).await.unwrap();
    assert!(is_active(&house.until_active(&tokens[0]).await));
}

#[tokio::test]
async fn each_mode_takes_calls_and_admits_as_it_says() {
    let house = House::open(1, Policy { mode: Mode::Prequeue, ..open() }).await;
    let early = house.join("early").await;
    assert_eq!(remaining(&early.place.standing), Some(0));
    house.rooms().set_mode(ROOM, ModeChange::Pause).await.unwrap();
    house.rooms().set_mode(ROOM, ModeChange::Pause).await.unwrap();
    let paused = house.join("paused").await;
    assert_eq!(remaining(&paused.place.standing), Some(1));
    let resumed = house.rooms().set_mode(ROOM, ModeChange::Resume).await.unwrap();
    assert_eq!(resumed.head.policy.mode, Mode::Prequeue);
    assert!(house.rooms().set_mode(ROOM, ModeChange::Resume).await.is_err(), "it is not paused");
    house.rooms().set_mode(ROOM, ModeChange::Drain).await.unwrap();
    let refused = house.rooms().join(vec![request("late")]).await.remove(0).unwrap();
    assert_eq!(refused, Err(JoinRefusal::Closed(ROOM)));
    assert_eq!(house.join("early").await.place.number, early.place.number, "who has a place keeps it");
    house.until_active(&early.token).await;
    house.until_active(&paused.token).await;
    house.put(&Policy { mode: Mode::Closed, ..open() }).await;
    assert!(is_active(&house.status(&early.token).await), "sessions run to their end");
    house.put(&Policy { mode: Mode::Off, ..open() }).await;
    let off = house.join("anybody").await;
    assert_eq!((off.place.number, &off.place.standing), (0, &Standing::Active(None)));
    house.put(&open()).await;
    assert_eq!(house.status(&off.token).await.standing, Standing::Expired, "now a number is needed");
}

#[tokio::test]
async fn a_closed_room_closes_on_those_who_wait() {
    let house = House::open(1, Policy { mode: Mode::Prequeue, ..open() }).await;
    let waiting = house.join("ada").await;
    house.put(&Policy { mode: Mode::Closed, ..open() }).await;
    assert_eq!(house.status(&waiting.token).await.standing, Standing::Closed);
}

#[tokio::test]
async fn a_prequeue_opens_by_itself_at_its_hour() {
    let house = House::open(1, Policy { mode: Mode::Prequeue, ..open() }).await;
    let joined = house.join("ada").await;
    let opens_at = i64::try_from(house.snapshot().await.now_ms).unwrap() + 1_000;
    house.put(&Policy { mode: Mode::Prequeue, opens_at_ms: Some(opens_at), ..open() }).await;
    let Standing::Waiting { wait: Some(wait), .. } = house.status(&joined.token).await.standing else {
        panic!("there is an hour to name")
    };
    assert!(wait.p50_ms <= 1_100, "{wait:?}");
    let Standing::Active(Some(session)) = house.until_active(&joined.token).await.standing else {
        panic!("not in a session")
    };
    assert!(session.started_at_ms >= opens_at);
}

#[tokio::test]
async fn a_line_as_long_as_may_be_refuses_more_and_disturbs_nobody() {
    let house = House::open(1, Policy { mode: Mode::Prequeue, max_waiting: 2, ..open() }).await;
    let tokens = join_all(&house, 2).await;
    let refused = house.rooms().join(vec![request("one too many"), request("user 1")]).await;
    assert_eq!(refused[0].as_ref().unwrap(), &Err(JoinRefusal::LineFull(ROOM)));
    assert_eq!(refused[1].as_ref().unwrap().as_ref().unwrap().place.number, 2, "who is in it stays");
    house.rooms().leave(&tokens[0]).await.unwrap();
    assert_eq!(house.join("one too many").await.place.number, 3);
}

#[tokio::test]
async fn a_reset_ends_every_token_and_its_keys_are_deleted() {
    let house = House::open(1, open()).await;
    let joined = house.join("ada").await;
    let before = house.snapshot().await.head.epoch;
    house.rooms().reset(ROOM).await.unwrap();
    assert!(matches!(house.rooms().status(&joined.token).await, Err(RoomError::EndedEpoch)));
    let after = house.join("ada").await;
    assert_eq!(after.place.number, 1);
    assert!(after.place.epoch > before);
    house.store().delete_retired(ROOM).await.unwrap();
    let keys = redis_cli(&house.redis, &["KEYS", "*"]);
    assert!(!keys.contains(&format!(":{before}:")), "{keys}");
    assert!(keys.contains(&format!(":{}:", after.place.epoch)), "{keys}");
}

async fn join_all(house: &House, users: u64) -> Vec<String> {
    let requests = (0..users).map(|user| request(&format!("user {user}"))).collect();
    let joined = house.rooms().join(requests).await;
    joined.into_iter().map(|joined| joined.unwrap().unwrap().token).collect()
}

#[tokio::test]
async fn a_copy_that_has_not_looked_yet_is_away_and_says_of_no_room_that_it_is_none() {
    let house = House::open(1, open()).await;
    let young = WaitingRooms::new(Arc::clone(&house.copies[0].store), keyring(), &Instruments::unread());

    let refused = young.join(vec![request("ada")]).await.remove(0).unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable, "another copy knows");
    let joined = house.join("ada").await;
    assert_eq!(young.status(&joined.token).await.unwrap_err().kind(), Kind::Unavailable);
}

#[tokio::test]
async fn however_many_are_silent_all_of_them_give_way() {
    const READY: u64 = 700;
    let all = Policy { capacity: 10_000, ..open() };
    let house = House::open(1, all).await;
    let here = RoomEpoch { room: ROOM, epoch: house.snapshot().await.head.epoch };
    let users: Vec<_> = (0..=READY).map(|user| UserId::new(&format!("user {user}")).unwrap()).collect();
    let joins: Vec<_> = users.iter().map(|user| (user.clone(), 0)).collect();
    house.store().join(here, &joins).await.unwrap();
    house.until_snapshot("all to be called", |room| room.head.serving == room.head.seq).await;
    house.put(&Policy { capacity: 1, ..open() }).await;
    let claims: Vec<_> = (1..).zip(users).map(|(number, user)| claim(number, user)).collect();
    house.store().claim(here, &claims).await.unwrap();
    assert_eq!(house.snapshot().await.ready, READY);

    let silence = "local key = redis.call('KEYS', '*:present')[1]
        for _, number in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -11000, number) end";
    redis_cli(&house.redis, &["EVAL", silence, "0"]);
    house.until_snapshot("all to give way", |room| room.ready == 0).await;
}

fn claim(number: u64, user: UserId) -> Claim {
    Claim { place: PlaceRef { number, user }, session_id: format!("{number:032}") }
}
