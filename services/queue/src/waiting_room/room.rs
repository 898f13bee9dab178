use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use onsale_token::{RoomId, RoomView};

use super::{
    batches::{Claims, Joins, Way},
    error::RoomError,
    forget::Forgetting,
    sync::RoomSeen,
};
use crate::{
    domain::{Policy, Snapshot, Waited, Waits},
    metrics::{RoomFigures, RoomMetrics},
    store::redis::{Revocation, Store, StoreError},
};

/// So many revocations are kept for gateways that have not heard of them.
const REVOCATIONS_KEPT: usize = 10_000;

/// A room, as this copy knows it.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: RoomId,
    pub(super) joins: Joins,
    pub(super) claims: Claims,
    pub(super) metrics: RoomMetrics,
    forgetting: Mutex<Forgetting>,
    knowledge: Arc<Knowledge>,
}

/// What a copy knows of a room.
#[derive(Debug)]
pub(super) struct Knowledge {
    state: ArcSwapOption<RoomState>,
    seen: Mutex<RoomSeen>,
    waits: Mutex<Waits>,
}

/// A room as it was last read.
#[derive(Clone, Debug)]
pub(super) struct RoomState {
    pub(super) view: RoomView,
    pub(super) policy: Policy,
    /// The numbers up to here can come back no more.
    pub(super) gone: u64,
    /// When the reading was asked for: the state is at least as young.
    pub(super) asked_at: Instant,
    /// How long ago the last tick was then, by whichever copy.
    pub(super) tick_age: Duration,
    pub(super) last_revocation: u64,
    pub(super) revocations: VecDeque<Revocation>,
}

impl Room {
    pub(super) fn new(id: RoomId, store: &Arc<Store>, metrics: RoomMetrics) -> Self {
        let (state, seen, waits) = (ArcSwapOption::empty(), Mutex::default(), Mutex::default());
        let knowledge = Arc::new(Knowledge { state, seen, waits });
        let (store, known) = (Arc::clone(store), Arc::clone(&knowledge));
        let way = Way { room: id, store, knowledge: known, metrics: metrics.clone() };
        Self {
            id,
            joins: way.joins(),
            claims: way.claims(),
            metrics,
            forgetting: Mutex::default(),
            knowledge,
        }
    }

    /// The room as it was last read.
    ///
    /// # Errors
    /// [`StoreError::Away`] as long as it never was.
    pub(super) fn state(&self) -> Result<Arc<RoomState>, RoomError> {
        self.knowledge.state.load_full().ok_or(RoomError::Store(StoreError::Away))
    }

    /// Makes a reading known, unless a later one is; the state from now on.
    pub(super) fn publish(&self, state: RoomState) -> Arc<RoomState> {
        let state = Arc::new(state);
        let before = self.knowledge.state.rcu(|known| match known {
            Some(known) if known.asked_at > state.asked_at => Some(Arc::clone(known)),
            Some(_) | None => Some(Arc::clone(&state)),
        });
        before.filter(|known| known.asked_at > state.asked_at).unwrap_or(state)
    }

    /// The piece of the room's records to go through now, if any.
    pub(super) fn piece_to_forget(&self, state: &RoomState) -> Option<u32> {
        let mut forgetting = self.forgetting.lock().unwrap_or_else(PoisonError::into_inner);
        forgetting.piece(state.view.epoch, state.gone)
    }

    /// Takes note of when numbers were issued and called: of a look, before what was told until then is replaced.
    pub(super) fn note_waits(&self, told: Option<&RoomState>, snapshot: &Snapshot, serving: u64) {
        let mut waits = self.knowledge.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.look(told.map(|state| &state.view), snapshot, serving);
    }

    pub(super) fn seen(&self) -> RoomSeen {
        *self.knowledge.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn see(&self, seen: RoomSeen) {
        self.knowledge.see(seen);
    }
}

impl Knowledge {
    pub(super) fn see(&self, seen: RoomSeen) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).merge(seen);
    }

    pub(super) fn epoch(&self) -> Result<u64, StoreError> {
        self.state.load().as_ref().map(|state| state.view.epoch).ok_or(StoreError::Away)
    }

    /// What came before a claim that was made just now.
    pub(super) fn waited(&self, epoch: u64, number: u64, claimed_at_ms: u64) -> Option<Waited> {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.before_claim(epoch, number, claimed_at_ms)
    }
}

impl RoomState {
    /// What there is to say of the room just now.
    pub(super) fn figures(&self) -> RoomFigures {
        let view = &self.view;
        RoomFigures {
            room: view.room,
            waiting: view.waiting(),
            ready: view.ready,
            active: view.active,
            capacity: view.capacity,
            serving: view.serving,
            last_number: view.last_number,
            rate_per_second: view.rate_per_second,
            mode: view.mode,
            tick_age_s: (self.tick_age + self.asked_at.elapsed()).as_secs_f64(),
        }
    }
}

/// Adds newly read revocations to those known; the oldest go.
pub(super) fn keep_revocations(known: &mut VecDeque<Revocation>, new: Vec<Revocation>) {
    known.extend(new);
    let surplus = known.len().saturating_sub(REVOCATIONS_KEPT);
    known.drain(..surplus);
}
