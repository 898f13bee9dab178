//! Records of users whose numbers are over go, and nobody whose number is not over is told anything else for it.

use std::time::Duration;

use futures::future::try_join_all;
use onsale_queue::{
    domain::{Policy, Snapshot},
    store::redis::{Claim, Claimed, JoinOutcome, Left, PIECES, PlaceRef, RoomEpoch, ScriptSources},
};
use onsale_token::UserId;

use crate::house::{House, ROOM, open, redis_cli, until, without};

/// How many are called and never come.
const PASSERS: usize = 3_000;

/// A room of which one visitor is in, another is ready for the slot, and the windows of all are over. A third has shown the
/// number of the first, as only a loss makes happen, was let in under one of its own, and has left.
struct PassedBy {
    house: House,
    here: RoomEpoch,
}

impl PassedBy {
    async fn with(sources: ScriptSources) -> Self {
        let house = House::with_scripts(1, Policy { capacity: 10_000, ..open() }, sources).await;
        let here = RoomEpoch { room: ROOM, epoch: house.snapshot().await.head.epoch };
        let room = Self { house, here };
        room.join(&["in", "ready"]).await;
        let passers: Vec<_> = (0..PASSERS).map(|number| format!("passer {number}")).collect();
        for some in passers.chunks(500) {
            room.join(some).await;
        }
        let all_called = |room: &Snapshot| room.head.serving == room.head.seq;
        room.house.until_snapshot("all to be called", all_called).await;
        assert!(matches!(room.claim("in", 1).await, Claimed::Granted(_)));
        assert!(matches!(room.claim("twin", 1).await, Claimed::Granted(_)));
        let own = room.house.snapshot().await.head.seq;
        assert_eq!(room.leave("twin", own).await, Left::Session);
        room.house.until_snapshot("its number to be called", all_called).await;
        room.house.put(&Policy { capacity: 1, ..open() }).await;
        assert_eq!(room.claim("ready", 2).await, Claimed::Ready);
        let window = Duration::from_millis(50);
        room.house.put(&Policy { capacity: 1, claim_window: window, return_window: window, ..open() }).await;
        room.house.until_snapshot("all windows to end", |room| room.head.gone == room.head.seq).await;
        room
    }

    /// The numbers that these get.
    async fn join<T: AsRef<str>>(&self, users: &[T]) -> Vec<u64> {
        let joins: Vec<_> = users.iter().map(|user| (user_id(user.as_ref()), 0)).collect();
        let joined = self.house.store().join(self.here, &joins).await.unwrap();
        let number = |outcome| match outcome {
            JoinOutcome::Place { number, .. } => Some(number),
            JoinOutcome::Full | JoinOutcome::Closed | JoinOutcome::Off => None,
        };
        joined.outcomes.into_iter().map(|outcome| number(outcome).unwrap()).collect()
    }

    async fn claim(&self, user: &str, number: u64) -> Claimed {
        let place = PlaceRef { number, user: user_id(user) };
        let claim = Claim { place, session_id: format!("{number:032}") };
        self.house.store().claim(self.here, &[claim]).await.unwrap().outcomes.remove(0)
    }

    async fn leave(&self, user: &str, number: u64) -> Left {
        let place = PlaceRef { number, user: user_id(user) };
        self.house.store().leave(self.here, &place).await.unwrap()
    }

    /// Goes through all records.
    async fn forget(&self) {
        // Else the one who is ready is silent for so long that it gives way.
        assert_eq!(self.claim("ready", 2).await, Claimed::Ready);
        let pieces = (0..PIECES).map(|piece| self.house.store().forget(self.here, piece));
        try_join_all(pieces).await.unwrap();
    }

    fn records(&self) -> usize {
        let count = "local records = 0
            for _, key in ipairs(redis.call('KEYS', '*:user:*')) do records = records + redis.call('HLEN', key) end
            return records";
        redis_cli(&self.house.redis, &["EVAL", count, "0"]).trim().parse().unwrap()
    }
}

fn user_id(user: &str) -> UserId {
    UserId::new(user).unwrap()
}

/// A room that has gone through all its records, by scripts with this change.
async fn forgotten(change: impl FnOnce(&mut ScriptSources)) -> PassedBy {
    let mut sources = ScriptSources::default();
    change(&mut sources);
    let room = PassedBy::with(sources).await;
    room.forget().await;
    room
}

#[tokio::test]
async fn whose_number_is_over_is_forgotten_and_who_is_in_or_ready_is_not() {
    let room = forgotten(|_| {}).await;
    assert_eq!(room.records(), 2);
    assert_eq!(room.join(&["in", "ready"]).await, [1, 2]);
    let last = room.house.snapshot().await.head.seq;
    assert_eq!(room.join(&["passer 0"]).await, [last + 1]);
}

#[tokio::test]
async fn a_copy_goes_through_them_with_its_looks() {
    let room = PassedBy::with(ScriptSources::default()).await;
    until("some to be forgotten", || async { room.records() < PASSERS }).await;
}

#[tokio::test]
async fn who_was_forgotten_gets_nothing_by_the_number_of_another_and_takes_nothing_from_it() {
    let room = forgotten(|_| {}).await;
    assert_eq!(room.claim("twin", 1).await, Claimed::Expired);
    assert_eq!(room.leave("twin", 2).await, Left::Nothing);
    assert_eq!(room.claim("ready", 2).await, Claimed::Ready);
}

#[tokio::test]
async fn without_the_look_at_leases_who_is_in_gets_a_second_place() {
    let room = forgotten(|sources| sources.forget = without(&sources.forget, "not leases[at]", "true")).await;
    assert_ne!(room.join(&["in"]).await, [1]);
}

#[tokio::test]
async fn without_the_look_at_the_present_who_is_ready_loses_its_place() {
    let room = forgotten(|sources| sources.forget = without(&sources.forget, "not signs[at]", "true")).await;
    assert_ne!(room.join(&["ready"]).await, [2]);
}

#[tokio::test]
async fn without_the_rule_that_it_is_nobodys_a_twin_is_let_in_again() {
    let rule = "not recorded and number <= gone";
    let room = forgotten(|sources| sources.own = without(&sources.own, rule, "false")).await;
    assert_ne!(room.claim("twin", 1).await, Claimed::Expired);
}

#[tokio::test]
async fn without_that_rule_in_leaving_who_is_ready_loses_its_place_to_a_stranger() {
    let rule = "(recorded or number <= gone)";
    let room = forgotten(|sources| sources.leave = without(&sources.leave, rule, "recorded")).await;
    assert_ne!(room.leave("twin", 2).await, Left::Nothing);
    assert_eq!(room.claim("ready", 2).await, Claimed::Expired);
}
