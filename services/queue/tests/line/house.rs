//! A Redis, and copies of the waiting rooms that look after it.

use std::{process::Command, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use onsale_queue::{
    domain::{Policy, Snapshot},
    store::redis::{ScriptSources, Store},
    waiting_room::{JoinRequest, Joined, Place, Standing, WaitingRooms},
};
use onsale_stack::{Redis, RedisOptions};
use onsale_telemetry::{Instruments, StoreMetrics, StoreSystem};
use onsale_token::{Keyring, Mode, RoomId, UserId};
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) const ROOM: RoomId = RoomId::SITE;
/// How long a condition may take to come about.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a command may take: what is tested here is not how fast a busy machine's disk is.
const COMMAND: Duration = Duration::from_secs(10);

/// An open room for ten with nothing to wait for but slots.
pub(crate) fn open() -> Policy {
    Policy { mode: Mode::Open, capacity: 10, rate_per_second: 10_000.0, burst: 10_000, ..Policy::default() }
}

/// One copy of the service, without its gRPC.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) rooms: Arc<WaitingRooms>,
    pub(crate) store: Arc<Store>,
    _stop: DropGuard,
}

/// A Redis and its copies.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) redis: Redis,
    pub(crate) copies: Vec<Copy>,
    sources: ScriptSources,
}

impl House {
    /// `copies` look after the site room, which has that policy.
    pub(crate) async fn open(copies: usize, policy: Policy) -> Self {
        Self::with_scripts(copies, policy, ScriptSources::default()).await
    }

    pub(crate) async fn with_scripts(copies: usize, policy: Policy, sources: ScriptSources) -> Self {
        Self::on(Redis::start(RedisOptions::default()).await.unwrap(), copies, policy, sources).await
    }

    pub(crate) async fn on(redis: Redis, copies: usize, policy: Policy, sources: ScriptSources) -> Self {
        let instruments: Vec<_> = (0..copies).map(|_| Instruments::unread()).collect();
        Self::measured_by(&instruments, redis, policy, sources).await
    }

    /// One copy for each of these.
    pub(crate) async fn measured_by(
        instruments: &[Instruments],
        redis: Redis,
        policy: Policy,
        sources: ScriptSources,
    ) -> Self {
        let mut house = Self { redis, copies: Vec::new(), sources };
        for instruments in instruments {
            house.copies.push(house.new_copy_measured_by(instruments).await);
        }
        house.store().put_room(ROOM, &policy, None).await.unwrap();
        house.until_known(|snapshot| snapshot.head.policy == policy).await;
        house
    }

    /// One more copy, which knows nothing yet.
    pub(crate) async fn new_copy(&self) -> Copy {
        self.new_copy_measured_by(&Instruments::unread()).await
    }

    async fn new_copy_measured_by(&self, instruments: &Instruments) -> Copy {
        let url = self.redis.url().into();
        let metrics = StoreMetrics::new(instruments, StoreSystem::Redis);
        let store = Store::connect(&url, COMMAND, self.sources.clone(), metrics).await.unwrap();
        let store = Arc::new(store);
        let rooms = Arc::new(WaitingRooms::new(Arc::clone(&store), keyring(), instruments));
        let stop = CancellationToken::new();
        let (looking, stopping) = (Arc::clone(&rooms), stop.clone());
        tokio::spawn(async move { looking.look_after(&stopping, drop).await });
        Copy { rooms, store, _stop: stop.drop_guard() }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.copies[0].store
    }

    pub(crate) fn rooms(&self) -> &WaitingRooms {
        &self.copies[0].rooms
    }

    /// The rooms of one copy or another.
    pub(crate) fn any(&self, which: usize) -> Arc<WaitingRooms> {
        Arc::clone(&self.copies[which % self.copies.len()].rooms)
    }

    /// The room as Redis has it now.
    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.store().read(ROOM, 0, 0).await.unwrap().unwrap().snapshot
    }

    pub(crate) async fn until_snapshot(&self, what: &'static str, holds: impl Fn(&Snapshot) -> bool) {
        until(what, || async { holds(&self.snapshot().await) }).await;
    }

    /// Waits until the room is like that, and every copy knows the room as it is.
    pub(crate) async fn until_known(&self, holds: impl Fn(&Snapshot) -> bool) {
        self.until_snapshot("the room to be as wanted", holds).await;
        let version = self.snapshot().await.head.policy_version;
        let know = || async {
            self.copies.iter().all(|copy| {
                copy.rooms
                    .sync(&[])
                    .rooms
                    .iter()
                    .any(|room| room.view.room == ROOM && room.view.policy_version == version)
            })
        };
        until("every copy to know the room", know).await;
    }

    pub(crate) async fn put(&self, policy: &Policy) {
        self.store().put_room(ROOM, policy, None).await.unwrap();
        self.until_known(|snapshot| snapshot.head.policy == *policy).await;
    }

    pub(crate) async fn join(&self, user: &str) -> Joined {
        join(self.rooms(), user).await
    }

    pub(crate) async fn status(&self, token: &str) -> Place {
        self.rooms().status(token).await.unwrap()
    }

    /// Polls until the visitor is in, and returns the place.
    pub(crate) async fn until_active(&self, token: &str) -> Place {
        self.until_standing(token, "be admitted", |standing| matches!(standing, Standing::Active(_))).await
    }

    pub(crate) async fn until_standing(
        &self,
        token: &str,
        what: &'static str,
        holds: impl Fn(&Standing) -> bool,
    ) -> Place {
        until(what, || async { holds(&self.status(token).await.standing) }).await;
        self.status(token).await
    }
}

/// What a store is measured by that nobody reads.
pub(crate) fn unread() -> StoreMetrics {
    StoreMetrics::new(&Instruments::unread(), StoreSystem::Redis)
}

/// Waits until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &'static str, holds: impl Fn() -> F) {
    let holds = || async { holds().await.then_some(()) };
    assert!(onsale_stack::until(PATIENCE, holds).await.is_some(), "waited in vain for {what}");
}

/// Takes a guard out of a script; fails when the script has no such guard.
pub(crate) fn without(script: &str, guard: &str, instead: &str) -> String {
    assert_eq!(script.matches(guard).count(), 1, "{guard}");
    script.replace(guard, instead)
}

/// Asks Redis by its own client.
pub(crate) fn redis_cli(redis: &Redis, arguments: &[&str]) -> String {
    let port = redis.port().to_string();
    let output = Command::new("redis-cli").args(["-p", &port]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn keyring() -> Keyring {
    let keys = format!("test:{}", STANDARD.encode([7; 32]));
    Keyring::parse(&keys.into(), Duration::from_hours(1)).unwrap()
}

pub(crate) fn request(user: &str) -> JoinRequest {
    JoinRequest { concert: 0, user: UserId::new(user).unwrap(), token: String::new() }
}

pub(crate) async fn join(rooms: &WaitingRooms, user: &str) -> Joined {
    rooms.join(vec![request(user)]).await.remove(0).unwrap().unwrap()
}

pub(crate) fn is_active(place: &Place) -> bool {
    matches!(place.standing, Standing::Active(Some(_)))
}
