//! A crowd that joins and polls through all that happens, and a gateway that watches the room.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use onsale_queue::{
    domain::Policy,
    store::redis::ScriptSources,
    waiting_room::{RoomSeen, Standing, WaitingRooms},
};
use onsale_stack::{Redis, RedisOptions};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::house::{House, PATIENCE, ROOM, is_active, open, redis_cli, request, until};

const COPIES: usize = 3;
/// What is promised of a Redis that comes back.
const RECOVERY: Duration = Duration::from_secs(2);

/// Who lives through a crash of Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survivors {
    /// Every copy of the service, and the gateways.
    Copies,
    /// No copy: what was handed out is known to gateways only.
    GatewaysAlone,
}

/// A Redis, its copies, and those who wait.
pub(crate) struct Night {
    house: House,
    crowd: Arc<Crowd>,
    tasks: JoinSet<()>,
    lost: Vec<u64>,
}

/// What the tasks of a night share.
struct Crowd {
    copies: RwLock<Vec<Arc<WaitingRooms>>>,
    /// Who waits, by number, with the token.
    held: Mutex<HashMap<u64, String>>,
    /// Whose each number ever handed out was.
    owners: Mutex<HashMap<u64, String>>,
    joined: AtomicUsize,
    /// Invariants that were broken.
    broken: Mutex<Vec<String>>,
    seen: Mutex<RoomSeen>,
    served: Mutex<u64>,
    stop: CancellationToken,
}

impl Night {
    pub(crate) async fn begin(options: RedisOptions, sources: ScriptSources) -> Self {
        let redis = Redis::start(options).await.unwrap();
        let house = House::on(redis, COPIES, Policy { capacity: 5, ..open() }, sources).await;
        let crowd = Arc::new(Crowd {
            copies: RwLock::new(house.copies.iter().map(|copy| Arc::clone(&copy.rooms)).collect()),
            held: Mutex::default(),
            owners: Mutex::default(),
            joined: AtomicUsize::new(0),
            broken: Mutex::default(),
            seen: Mutex::default(),
            served: Mutex::default(),
            stop: CancellationToken::new(),
        });
        let mut tasks = JoinSet::new();
        for lane in 0..8 {
            tasks.spawn(Arc::clone(&crowd).join_on_and_on(lane));
        }
        tasks.spawn(Arc::clone(&crowd).poll_on_and_on());
        tasks.spawn(Arc::clone(&crowd).sync_on_and_on());
        Self { house, crowd, tasks, lost: Vec::new() }
    }

    pub(crate) fn redis_folder(&self) -> &Path {
        self.house.redis.folder()
    }

    pub(crate) async fn until_more_joined(&self, more: usize) {
        let before = self.crowd.joined();
        until("visitors to join", || async { self.crowd.joined() >= before + more }).await;
    }

    /// Ends Redis as a crash would, does what is done meanwhile, and starts it again.
    pub(crate) async fn crash(&mut self, survivors: Survivors, meanwhile: impl FnOnce(&mut Self)) {
        self.house.redis.kill9().unwrap();
        let (joined_before, serving_before) = (self.crowd.joined(), self.crowd.seen.lock().unwrap().serving);
        if survivors == Survivors::GatewaysAlone {
            self.crowd.copies.write().unwrap().clear();
            self.house.copies.clear();
        }
        meanwhile(self);
        self.house.redis.restart().await.unwrap();
        let back = Instant::now();
        let seq = redis_cli(&self.house.redis, &["HGET", "room:{1}:head", "seq"]);
        let seq = seq.trim().parse().unwrap_or(0);
        self.lost.push(self.crowd.seen.lock().unwrap().number.saturating_sub(seq));
        while self.house.copies.len() < COPIES {
            let copy = self.house.new_copy().await;
            self.crowd.copies.write().unwrap().push(Arc::clone(&copy.rooms));
            self.house.copies.push(copy);
        }
        until("joins to be taken again", || async { self.crowd.joined() > joined_before }).await;
        let took = back.elapsed();
        assert!(took <= RECOVERY, "recovery took {took:?}");
        let serving = self.house.snapshot().await.head.serving;
        if serving < serving_before {
            self.crowd.note(format!("serving fell from {serving_before} to {serving}"));
        }
    }

    /// How many numbers that were handed out Redis had forgotten after each crash.
    pub(crate) fn lost(&self) -> &[u64] {
        &self.lost
    }

    /// The invariants that were broken so far.
    pub(crate) fn broken(&self) -> Vec<String> {
        self.crowd.broken.lock().unwrap().clone()
    }

    /// The end of the night: nobody else comes, and everybody who waits is let in.
    pub(crate) async fn end(mut self) {
        let served_amid = *self.crowd.served.lock().unwrap();
        assert!(served_amid > 0, "the line moved all the while");
        self.crowd.stop.cancel();
        while let Some(task) = self.tasks.join_next().await {
            if let Err(error) = task {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        assert_eq!(self.broken(), Vec::<String>::new());
        self.house.put(&Policy { capacity: 1_000_000, ..open() }).await;
        let held = std::mem::take(&mut *self.crowd.held.lock().unwrap());
        let visits = held.into_iter().map(|(number, token)| self.until_admitted(number, token));
        tokio::time::timeout(PATIENCE * 3, join_all(visits)).await.expect("the line moves again");
    }

    async fn until_admitted(&self, number: u64, token: String) {
        loop {
            match self.house.status(&token).await.standing {
                Standing::Active(_) => return,
                Standing::Expired | Standing::Closed => panic!("the visitor of {number} lost the place"),
                Standing::Waiting { .. } => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

impl Crowd {
    fn note(&self, what: String) {
        self.broken.lock().unwrap().push(what);
    }

    fn joined(&self) -> usize {
        self.joined.load(Ordering::Relaxed)
    }

    fn one_of_the_copies(&self, which: usize) -> Option<Arc<WaitingRooms>> {
        let copies = self.copies.read().unwrap();
        copies.get(which % copies.len().max(1)).cloned()
    }

    /// New users join one after the other; who gets no answer asks again until there is one.
    async fn join_on_and_on(self: Arc<Self>, lane: usize) {
        let (mut turn, mut attempt) = (0, lane);
        while !self.stop.is_cancelled() {
            let user = format!("lane {lane} turn {turn}");
            attempt += 1;
            if self.join(&user, attempt).await.is_some() {
                turn += 1;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn join(&self, user: &str, attempt: usize) -> Option<()> {
        let rooms = self.one_of_the_copies(attempt)?;
        let joined = rooms.join(vec![request(user)]).await.remove(0).ok()?.ok()?;
        let number = joined.place.number;
        let mut seen = self.seen.lock().unwrap();
        (seen.epoch, seen.number) = (joined.place.epoch, seen.number.max(number));
        drop(seen);
        if let Some(other) = self.owners.lock().unwrap().insert(number, user.to_owned()) {
            self.note(format!("{user} and {other} both hold {number}"));
        }
        self.held.lock().unwrap().insert(number, joined.token);
        self.joined.fetch_add(1, Ordering::Relaxed);
        Some(())
    }

    /// Those who wait longest poll; who is in gives the slot back soon.
    async fn poll_on_and_on(self: Arc<Self>) {
        for turn in 0.. {
            if self.stop.is_cancelled() {
                return;
            }
            let mut waiting: Vec<_> = self.held.lock().unwrap().clone().into_iter().collect();
            waiting.sort_unstable();
            waiting.truncate(10);
            join_all(waiting.iter().map(|(number, token)| self.poll(*number, token, turn))).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn poll(&self, number: u64, token: &str, turn: usize) -> Option<()> {
        let rooms = self.one_of_the_copies(turn)?;
        let place = rooms.status(token).await.ok()?;
        assert_ne!(place.standing, Standing::Expired, "the visitor of {number} lost the place");
        if is_active(&place) {
            // First: whether a leave that gets no answer was carried out cannot be known.
            self.held.lock().unwrap().remove(&number);
            *self.served.lock().unwrap() += 1;
            rooms.leave(token).await.ok()?;
        }
        Some(())
    }

    /// What a gateway does: hands up what it has seen, and takes down the view.
    async fn sync_on_and_on(self: Arc<Self>) {
        for turn in 0.. {
            if self.stop.is_cancelled() {
                return;
            }
            let seen = *self.seen.lock().unwrap();
            if let Some(rooms) = self.one_of_the_copies(turn)
                && let Some(room) = rooms.sync(&[(ROOM, seen, 0)]).rooms.first()
            {
                let mut seen = self.seen.lock().unwrap();
                seen.serving = seen.serving.max(room.view.serving);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
