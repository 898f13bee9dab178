//! Random histories of everything that can happen in a room, losses included, against I1 to I4.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use onsale_queue::{
    domain::{Policy, Snapshot, plan},
    store::redis::{
        BUCKETS, Claim, Claimed, Fenced, JoinOutcome, ModeChange, PIECES, PlaceRef, RoomEpoch, ScriptSources,
        Store, StoreError,
    },
};
use onsale_stack::{Redis, RedisOptions};
use onsale_token::{RoomId, UserId};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::house::{open, redis_cli, unread, without};

/// One thing that happens. Users and numbers are drawn from those there are.
#[derive(Clone, Debug)]
enum Step {
    Join(usize),
    Tick,
    /// Records of places that are over go.
    Forget,
    Claim(usize),
    Leave(usize),
    Renew(usize),
    Capacity(u32),
    Pause,
    Resume,
    /// Time passes: windows and leases end.
    Wait,
    /// What Redis has is remembered, for a loss to come.
    Remember,
    /// Redis is put back to what was remembered.
    Lose,
    Reset,
}

const USERS: usize = 12;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..USERS).prop_map(Step::Join),
        8 => Just(Step::Tick),
        3 => Just(Step::Forget),
        10 => (0..USERS).prop_map(Step::Claim),
        3 => (0..USERS).prop_map(Step::Leave),
        2 => (0..USERS).prop_map(Step::Renew),
        2 => (0_u32..5).prop_map(Step::Capacity),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
        2 => Just(Step::Wait),
        2 => Just(Step::Remember),
        1 => Just(Step::Lose),
        1 => Just(Step::Reset),
    ]
}

/// A policy whose windows and leases are over within a history.
fn policy(capacity: u32) -> Policy {
    Policy {
        capacity,
        claim_window: Duration::from_millis(20),
        return_window: Duration::from_millis(20),
        lease: Duration::from_millis(40),
        session_cap: Duration::from_millis(100),
        ..open()
    }
}

/// A room, and what its visitors were told.
struct History<'a> {
    redis: &'a Redis,
    store: &'a Store,
    room: RoomId,
    epoch: u64,
    /// The last number that each user was given.
    held: HashMap<usize, u64>,
    /// Whose each number of the epoch is.
    owners: BTreeMap<u64, usize>,
    /// The session that each number was granted.
    sessions: HashMap<u64, String>,
    serving: u64,
    remembered: bool,
    lost_claims: bool,
}

type Checked = Result<(), String>;

impl History<'_> {
    async fn take(&mut self, step: Step) -> Checked {
        match step {
            Step::Join(user) => self.join(user).await?,
            Step::Tick => self.tick().await?,
            Step::Forget => self.forget().await?,
            Step::Claim(user) => self.claim(user).await?,
            Step::Leave(user) => self.leave(user).await?,
            Step::Renew(user) => self.renew(user).await?,
            Step::Capacity(capacity) => {
                self.store.put_room(self.room, &policy(capacity), None).await.map_err(text)?;
            }
            Step::Pause => self.set_mode(ModeChange::Pause).await?,
            Step::Resume => self.set_mode(ModeChange::Resume).await?,
            Step::Wait => tokio::time::sleep(Duration::from_millis(25)).await,
            Step::Remember => self.remember(),
            Step::Lose => self.lose().await?,
            Step::Reset => self.reset().await?,
        }
        self.look().await
    }

    fn here(&self) -> RoomEpoch {
        RoomEpoch { room: self.room, epoch: self.epoch }
    }

    fn place(&self, user: usize) -> Option<PlaceRef> {
        self.held.get(&user).map(|number| PlaceRef { number: *number, user: user_id(user) })
    }

    async fn snapshot(&self) -> Result<Snapshot, String> {
        let reading = self.store.read(self.room, self.epoch, 0).await.map_err(text)?;
        reading.map(|reading| reading.snapshot).ok_or_else(|| "the room is gone".to_owned())
    }

    /// I1: a number is one user's; while a place is live, asking again returns it.
    async fn join(&mut self, user: usize) -> Checked {
        let joined = self.store.join(self.here(), &[(user_id(user), 0)]).await.map_err(text)?;
        let JoinOutcome::Place { number, .. } = joined.outcomes[0] else { return Ok(()) };
        let owner = *self.owners.entry(number).or_insert(user);
        ensure(owner == user, || format!("number {number} is user {owner}'s and was given to {user}"))?;
        let again = self.store.join(self.here(), &[(user_id(user), 0)]).await.map_err(text)?;
        self.held.insert(user, number);
        // The place may end between the two by its window or lease: then the new one is a later one.
        let JoinOutcome::Place { number: second, .. } = again.outcomes[0] else { return Ok(()) };
        ensure(second >= number, || format!("user {user} had {number} and then {second}"))?;
        ensure(*self.owners.entry(second).or_insert(user) == user, || format!("{second} is not {user}'s"))?;
        self.held.insert(user, second);
        Ok(())
    }

    async fn tick(&mut self) -> Checked {
        let snapshot = self.snapshot().await?;
        self.store.tick(self.room, &snapshot, &plan(&snapshot)).await.map(drop).map_err(text)
    }

    /// I1: nobody whose place is live is forgotten. Of those who are in the lease may end meanwhile.
    async fn forget(&mut self) -> Checked {
        let users: Vec<usize> = self.held.keys().copied().collect();
        let mut held = Vec::new();
        for user in users {
            self.join(user).await?;
            let place = self.place(user).ok_or("it has just joined")?;
            let session = self.store.renew(self.here(), &place).await.map_err(text)?;
            held.push((user, place.number, session.map(|session| session.lease_end_ms)));
        }
        for piece in self.pieces() {
            self.store.forget(self.here(), piece).await.map_err(text)?;
        }
        for (user, number, lease_end_ms) in held {
            self.join(user).await?;
            let now_ms = i64::try_from(self.snapshot().await?.now_ms).map_err(text)?;
            let is_same = self.held.get(&user) == Some(&number);
            // Without an end the lease of who was in has ended between joining and renewing.
            let is_over = lease_end_ms.map_or(self.sessions.contains_key(&number), |end| end <= now_ms);
            ensure(is_same || is_over, || format!("user {user}, who has {number}, was forgotten"))?;
        }
        Ok(())
    }

    /// The pieces with records in them: few of a thousand.
    fn pieces(&self) -> BTreeSet<u32> {
        let keys = redis_cli(self.redis, &["KEYS", &format!("room:{{{}}}:{}:user:*", self.room, self.epoch)]);
        let buckets = keys.lines().filter_map(|key| key.rsplit(':').next()?.parse::<u32>().ok());
        buckets.map(|bucket| bucket / (BUCKETS / PIECES)).collect()
    }

    /// I3 and I4: a grant finds a free slot, and a number is granted one session.
    async fn claim(&mut self, user: usize) -> Checked {
        let Some(place) = self.place(user) else { return Ok(()) };
        let number = place.number;
        let before = self.snapshot().await?;
        let claim = Claim { place, session_id: format!("{:032x}", rand::random::<u128>()) };
        let claimed = self.store.claim(self.here(), &[claim]).await.map_err(text)?;
        let (Claimed::Granted(session) | Claimed::Active(session)) = &claimed.outcomes[0] else {
            return Ok(());
        };
        ensure(number <= claimed.serving, || {
            format!("{number} was admitted and {} served", claimed.serving)
        })?;
        if let Some(known) = self.sessions.insert(number, session.id.clone()) {
            let same = known == session.id || self.lost_claims;
            return ensure(same, || format!("{number} was granted a second session"));
        }
        let capacity = u64::from(before.head.policy.capacity);
        ensure(before.active < capacity, || format!("{} of {capacity} slots, and a grant", before.active))
    }

    async fn leave(&mut self, user: usize) -> Checked {
        let Some(place) = self.place(user) else { return Ok(()) };
        self.store.leave(self.here(), &place).await.map(drop).map_err(text)
    }

    async fn renew(&mut self, user: usize) -> Checked {
        let Some(place) = self.place(user) else { return Ok(()) };
        let renewed = self.store.renew(self.here(), &place).await.map_err(text)?;
        let Some(session) = renewed else { return Ok(()) };
        let known = self.sessions.get(&place.number);
        ensure(known == Some(&session.id), || format!("{} renewed a session it never had", place.number))
    }

    async fn set_mode(&self, change: ModeChange) -> Checked {
        match self.store.set_mode(self.here(), change).await {
            Ok(()) | Err(StoreError::Mode) => Ok(()),
            Err(error) => Err(text(error)),
        }
    }

    fn remember(&mut self) {
        self.script("for _, key in ipairs(redis.call('KEYS', 'was:' .. ARGV[1] .. '*')) do redis.call('DEL', key) end
            for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('COPY', key, 'was:' .. key) end");
        self.remembered = true;
    }

    /// What was remembered comes back, and is made good with what was handed out since.
    async fn lose(&mut self) -> Checked {
        if !self.remembered {
            return Ok(());
        }
        self.script(
            "for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('DEL', key) end
            for _, key in ipairs(redis.call('KEYS', 'was:' .. ARGV[1] .. '*')) do
              redis.call('COPY', key, string.sub(key, 5))
            end",
        );
        self.lost_claims = true;
        let run = self.store.read(self.room, self.epoch, 0).await.map_err(text)?.ok_or("no room")?.run;
        let known = self.owners.keys().next_back().copied().unwrap_or(0);
        let fenced = self.store.fence(self.here(), &run, known, self.serving).await.map_err(text)?;
        ensure(fenced != Fenced::Waiting, || "one run waits for nobody".to_owned())
    }

    fn script(&self, script: &str) {
        redis_cli(self.redis, &["EVAL", script, "0", &format!("room:{{{}}}:", self.room)]);
    }

    async fn reset(&mut self) -> Checked {
        self.store.reset(self.here()).await.map_err(text)?;
        self.epoch =
            self.store.read(self.room, 0, 0).await.map_err(text)?.ok_or("no room")?.snapshot.head.epoch;
        (self.serving, self.remembered, self.lost_claims) = (0, false, false);
        self.held.clear();
        self.owners.clear();
        self.sessions.clear();
        Ok(())
    }

    /// I2, and the order of the marks below serving.
    async fn look(&mut self) -> Checked {
        let head = self.snapshot().await?.head;
        ensure(head.gone <= head.floor && head.floor <= head.serving && head.serving <= head.seq, || {
            format!("gone {} floor {} serving {} seq {}", head.gone, head.floor, head.serving, head.seq)
        })?;
        ensure(head.serving >= self.serving, || {
            format!("serving fell from {} to {}", self.serving, head.serving)
        })?;
        ensure(head.left_waiting <= head.seq - head.serving, || {
            format!("{} left and waiting", head.left_waiting)
        })?;
        self.serving = head.serving;
        Ok(())
    }
}

fn user_id(user: usize) -> UserId {
    UserId::new(&format!("user {user}")).unwrap()
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Runs random histories, each in a room of its own; the first that breaks an invariant, made as short as it goes.
fn run_histories(cases: u32, sources: ScriptSources) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let redis = runtime.block_on(Redis::start(RedisOptions::default())).unwrap();
    let url = redis.url().into();
    let store = runtime.block_on(Store::connect(&url, Duration::from_secs(5), sources, unread())).unwrap();
    let rooms = AtomicU64::new(1);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&prop::collection::vec(step(), 1..80), |steps| {
        let room = RoomId::new(rooms.fetch_add(1, Ordering::Relaxed)).unwrap();
        runtime.block_on(live_through(&redis, &store, room, steps)).map_err(TestCaseError::fail)
    });
    outcome.map_err(text)
}

async fn live_through(redis: &Redis, store: &Store, room: RoomId, steps: Vec<Step>) -> Checked {
    store.put_room(room, &policy(2), None).await.map_err(text)?;
    let reading = store.read(room, 0, 0).await.map_err(text)?.ok_or("no room")?;
    let epoch = reading.snapshot.head.epoch;
    store.fence(RoomEpoch { room, epoch }, &reading.run, 0, 0).await.map_err(text)?;
    let mut history = History {
        redis,
        store,
        room,
        epoch,
        held: HashMap::new(),
        owners: BTreeMap::new(),
        sessions: HashMap::new(),
        serving: 0,
        remembered: false,
        lost_claims: false,
    };
    for step in steps {
        let taken = format!("{step:?}");
        history.take(step).await.map_err(|broken| format!("{taken}: {broken}"))?;
    }
    Ok(())
}

#[test]
fn no_history_breaks_an_invariant() {
    run_histories(150, ScriptSources::default()).unwrap();
}

#[track_caller]
fn breaks(sources: ScriptSources, how: &str) {
    let broken = run_histories(2_000, sources).expect_err("some history shows it");
    assert!(broken.contains(how), "{broken}");
}

#[test]
fn without_the_claims_bit_a_number_is_granted_a_second_session() {
    let sources = ScriptSources::default();
    let claim = without(&sources.claim, "redis.call('SETBIT', CLAIMED, number, 1)", "");
    breaks(ScriptSources { claim, ..sources }, "second session");
}

#[test]
fn without_the_capacity_guard_a_grant_finds_no_slot() {
    let sources = ScriptSources::default();
    let claim = without(&sources.claim, "admits and slots > before", "admits");
    breaks(ScriptSources { claim, ..sources }, "slots, and a grant");
}

#[test]
fn without_the_look_at_what_is_gone_who_waits_is_forgotten() {
    let sources = ScriptSources::default();
    let forget = without(&sources.forget, "tonumber(records[at + 1]) <= gone", "true");
    breaks(ScriptSources { forget, ..sources }, "was forgotten");
}

#[test]
fn without_the_fence_a_loss_gives_a_number_to_two() {
    let sources = ScriptSources::default();
    let fence = without(&sources.fence, "seen_seq <= seq and seen_serving <= serving", "true");
    breaks(ScriptSources { fence, ..sources }, "");
}
