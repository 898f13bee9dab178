//! Looking after rooms: what every copy does a few times a second, without a leader.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use onsale_token::RoomId;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    RoomError, WaitingRooms,
    room::{Room, RoomState, keep_revocations},
    sync::RoomSeen,
};
use crate::{
    domain::{Plan, Policy, Snapshot, plan, view},
    store::redis::{Fenced, Reading, RoomEpoch, StoreError, Ticked},
};

/// How often every copy looks at every room: the age of what it tells is at most this, and the reading's time.
pub const TICK_INTERVAL: Duration = Duration::from_millis(250);
/// A tick is written only when the last one, by whichever copy, is so old: more copies write no more ticks.
const TICK_SPACING_MS: u64 = 200;
/// Where nobody is called, only ended leases are to be cleared away.
const IDLE_SPACING_MS: u64 = 5_000;
/// While Redis is away or a loss is being made good, nobody joins and nobody is admitted: copies look more often.
const RECOVERY_INTERVAL: Duration = Duration::from_millis(50);
/// Rooms looked at side by side.
const ROOMS_AT_ONCE: usize = 16;
/// So many rounds, and the keys of ended epochs are looked for.
const ROUNDS_BETWEEN_SWEEPS: u64 = 40;

impl WaitingRooms {
    /// Looks after every room until `stop`. `reached` is told after each round whether Redis answered.
    pub async fn look_after(&self, stop: &CancellationToken, reached: impl Fn(Result<(), StoreError>)) {
        let mut due = tokio::time::Instant::now();
        for round in 0_u64.. {
            let began_at = tokio::time::Instant::now();
            self.metrics.looked(began_at.saturating_duration_since(due));
            let outcome = self.look_at_all().await;
            let interval = if outcome.is_err() { RECOVERY_INTERVAL } else { TICK_INTERVAL };
            reached(outcome);
            if round.is_multiple_of(ROUNDS_BETWEEN_SWEEPS) {
                self.sweep().await;
            }
            due = began_at + interval;
            if stop.run_until_cancelled(tokio::time::sleep_until(due)).await.is_none() {
                return;
            }
        }
    }

    /// Makes the site room, off, if it was never made: every concert has a room from the start.
    ///
    /// # Errors
    /// [`StoreError`] when Redis cannot be reached.
    pub async fn ensure_site_room(&self) -> Result<(), StoreError> {
        let site = RoomId::SITE;
        // Of several copies that start at once one makes it, and the others find it made.
        match self.store.create_room(site, &Policy::default()).await {
            Ok(()) | Err(StoreError::Version) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// One round: learns of new rooms, and looks at each.
    async fn look_at_all(&self) -> Result<(), StoreError> {
        self.learn_house().await?;
        let looks = self.known_rooms().into_iter().map(|room| async move {
            let state = self.look(&room).await?;
            self.forget(&room, &state).await;
            Ok::<_, RoomError>(())
        });
        let outcomes: Vec<_> = stream::iter(looks).buffer_unordered(ROOMS_AT_ONCE).collect().await;
        let mut worst = Ok(());
        for error in outcomes.into_iter().filter_map(Result::err) {
            if let RoomError::Store(error @ (StoreError::Away | StoreError::Fencing)) = error {
                worst = if worst == Err(StoreError::Away) { worst } else { Err(error) };
            } else {
                warn!(%error, "looking at a room");
            }
        }
        worst
    }

    pub(super) async fn learn_house(&self) -> Result<(), StoreError> {
        let known = self.house.load();
        let version = self.store.house_version().await?;
        if version == known.version && !known.rooms.is_empty() {
            return Ok(());
        }
        if version < known.version {
            warn!(version, known = known.version, "redis has forgotten of the house: putting it back");
            self.store.remake_house(&known).await?;
        }
        let house = self.store.house().await?;
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        for id in &house.rooms {
            let new = || Arc::new(Room::new(*id, &self.store, self.metrics.of(*id)));
            rooms.entry(*id).or_insert_with(new);
        }
        drop(rooms);
        self.house.store(Arc::new(house));
        Ok(())
    }

    /// Reads a room, brings it over a loss if there was one, ticks it if it is time, and publishes what it is like.
    ///
    /// # Errors
    /// [`RoomError::NoRoom`], [`RoomError::Store`].
    pub(super) async fn look(&self, room: &Arc<Room>) -> Result<Arc<RoomState>, RoomError> {
        let asked_at = Instant::now();
        // Before the reading: what was handed out by then is in it, unless it was lost.
        let seen = room.seen();
        let known = room.state().ok();
        let (epoch, revocation) =
            known.as_ref().map_or((0, 0), |state| (state.view.epoch, state.last_revocation));
        let Some(reading) = self.store.read(room.id, epoch, revocation).await? else {
            return self.remake(known).await;
        };
        // Until a loss is made good, what was known before it stays what is told.
        self.make_whole(room, seen, &reading).await?;
        note_fallen(room, known.as_deref(), &reading.snapshot);
        let plan = plan(&reading.snapshot);
        let ticked = self.tick_if_due(room, &reading.snapshot, &plan).await?;
        let serving = ticked.map_or(reading.snapshot.head.serving, |ticked| ticked.serving);
        room.note_waits(known.as_deref(), &reading.snapshot, serving);
        let state = new_state(room, asked_at, known.as_deref(), reading, &plan, ticked);
        let view = &state.view;
        room.see(RoomSeen { epoch: view.epoch, number: view.last_number, serving: view.serving });
        Ok(room.publish(state))
    }

    /// Makes a room again that this copy knows and Redis does not: rooms are never deleted, only forgotten.
    ///
    /// # Errors
    /// Always: the room is to be fenced before anything is known of it.
    async fn remake(&self, known: Option<Arc<RoomState>>) -> Result<Arc<RoomState>, RoomError> {
        let known = known.ok_or(RoomError::NoRoom)?;
        warn!(room = %known.view.room, "redis has forgotten the room: making it again");
        match self.store.remake_room(known.room_epoch(), &known.policy).await {
            Ok(()) | Err(StoreError::Version) => Err(RoomError::Store(StoreError::Fencing)),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes sure that nothing of the room is missing. Where something may be, hands in what this copy has seen.
    ///
    /// # Errors
    /// [`StoreError::Fencing`] as long as others may still hand in, and once when that is over: then the
    /// reading is to be made anew.
    async fn make_whole(&self, room: &Room, seen: RoomSeen, reading: &Reading) -> Result<(), StoreError> {
        let id = room.id;
        let head = &reading.snapshot.head;
        let seen = if seen.epoch == head.epoch { seen } else { RoomSeen::default() };
        let covered = seen.number <= head.seq && seen.serving <= head.serving;
        if reading.is_whole() && covered && self.store.is_whole_under(id, &reading.run) {
            return Ok(());
        }
        if !reading.is_whole() {
            self.store.settle_user_key().await?;
        }
        let room_epoch = RoomEpoch { room: id, epoch: head.epoch };
        match self.store.fence(room_epoch, &reading.run, seen.number, seen.serving).await? {
            Fenced::Whole => Ok(()),
            Fenced::Waiting => Err(StoreError::Fencing),
            Fenced::Skipped => {
                room.metrics.made_good();
                info!(room = %id, number = seen.number, "made good a loss in redis");
                Err(StoreError::Fencing)
            }
        }
    }

    /// The tick that was written, if one was: nothing where none is due, or another copy was first, which called as many
    /// as this one would have.
    async fn tick_if_due(
        &self,
        room: &Room,
        snapshot: &Snapshot,
        plan: &Plan,
    ) -> Result<Option<Ticked>, StoreError> {
        let head = &snapshot.head;
        let now_ms = i64::try_from(snapshot.now_ms).unwrap_or(i64::MAX);
        let spacing = if head.policy.mode_at(now_ms).admits() { TICK_SPACING_MS } else { IDLE_SPACING_MS };
        if snapshot.now_ms < head.tick_ms + spacing {
            return Ok(None);
        }
        let ticked = self.store.tick(room.id, snapshot, plan).await?;
        if let Some(ticked) = ticked {
            room.metrics.released(ticked.called);
            room.metrics.no_shows(ticked.no_shows);
            // Redis counts them up, and the tick that is written takes them in: one of all copies'.
            room.metrics.sessions_ended(head.ended);
        }
        Ok(ticked)
    }

    async fn sweep(&self) {
        for room in self.known_rooms() {
            if let Err(error) = self.store.delete_retired(room.id).await {
                warn!(%error, room = %room.id, "deleting the keys of ended epochs");
            }
        }
    }
}

/// Serving that fell took calls back from visitors who had been called before others: I2 is broken.
fn note_fallen(room: &Room, known: Option<&RoomState>, snapshot: &Snapshot) {
    let head = &snapshot.head;
    if let Some(known) = known
        && known.view.epoch == head.epoch
        && known.view.serving > head.serving
    {
        error!(room = %room.id, from = known.view.serving, to = head.serving, "serving fell");
        room.metrics.order_inverted(known.view.serving - head.serving);
    }
}

fn new_state(
    room: &Room,
    asked_at: Instant,
    known: Option<&RoomState>,
    reading: Reading,
    plan: &Plan,
    ticked: Option<Ticked>,
) -> RoomState {
    let snapshot = &reading.snapshot;
    let mut view = view(room.id, snapshot, plan);
    view.serving = view.serving.max(ticked.map_or(0, |ticked| ticked.serving));
    let tick_age_ms =
        if ticked.is_some() { 0 } else { snapshot.now_ms.saturating_sub(snapshot.head.tick_ms) };
    let known = known
        .filter(|known| known.view.epoch == view.epoch && known.last_revocation <= reading.last_revocation);
    let mut revocations = known.map_or_else(VecDeque::new, |known| known.revocations.clone());
    keep_revocations(&mut revocations, reading.revocations);
    RoomState {
        view,
        gone: reading.snapshot.head.gone,
        policy: reading.snapshot.head.policy,
        asked_at,
        tick_age: Duration::from_millis(tick_age_ms),
        last_revocation: reading.last_revocation,
        revocations,
    }
}
