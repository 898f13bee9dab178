use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use arc_swap::ArcSwapOption;
use onsale_batch::{BatchLimits, Batcher};
use onsale_token::{RoomId, RoomView, UserId};
use tracing::{Instrument as _, Span};

use super::{error::RoomError, sync::RoomSeen};
use crate::{
    domain::Policy,
    store::redis::{Claim, Claimed, JoinOutcome, Revocation, RoomEpoch, Store, StoreError},
};

/// Many joins share a script, and with it an fsync of Redis' log. Two calls are
/// under way at a time: one is carried out while the other travels.
const BATCHES: BatchLimits = BatchLimits { items: 256, lanes: 2, waiting: 32_768 };
/// So many revocations are kept for gateways that have not heard of them.
const REVOCATIONS_KEPT: usize = 10_000;

/// A room, as this copy knows it.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: RoomId,
    pub(super) joins: Batcher<Join, Result<JoinAnswer, StoreError>>,
    pub(super) claims: Batcher<ClaimOf, Result<Claimed, StoreError>>,
    knowledge: Arc<Knowledge>,
}

/// A user who joins.
#[derive(Clone, Debug)]
pub(super) struct Join {
    pub(super) user: UserId,
    /// What a token that the user still shows says: epoch and number.
    pub(super) shown: Option<(u64, u64)>,
    /// The request that it came with.
    pub(super) span: Span,
}

/// A claim by a token of an epoch: a reset may come between the token's check and the script,
/// and then the number is another visitor's.
#[derive(Clone, Debug)]
pub(super) struct ClaimOf {
    pub(super) epoch: u64,
    pub(super) claim: Claim,
    /// The request that it came with.
    pub(super) span: Span,
}

/// What became of a join, and serving right after.
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinAnswer {
    pub(super) outcome: JoinOutcome,
    pub(super) epoch: u64,
    pub(super) serving: u64,
}

#[derive(Debug)]
struct Knowledge {
    state: ArcSwapOption<RoomState>,
    seen: Mutex<RoomSeen>,
}

/// A room as it was last read.
#[derive(Clone, Debug)]
pub(super) struct RoomState {
    pub(super) view: RoomView,
    pub(super) policy: Policy,
    /// When the reading was asked for: the state is at least as young.
    pub(super) asked_at: Instant,
    pub(super) last_revocation: u64,
    pub(super) revocations: VecDeque<Revocation>,
}

impl Room {
    pub(super) fn new(id: RoomId, store: &Arc<Store>) -> Self {
        let seen = Mutex::new(RoomSeen::default());
        let knowledge = Arc::new(Knowledge { state: ArcSwapOption::empty(), seen });
        let (join_store, join_knowledge) = (Arc::clone(store), Arc::clone(&knowledge));
        let joins = Batcher::start(BATCHES, move |items: Vec<Join>| {
            let (store, knowledge) = (Arc::clone(&join_store), Arc::clone(&join_knowledge));
            let span = first_span(items.first().map(|item| &item.span));
            async move { join_batch(id, &store, &knowledge, &items).await }.instrument(span)
        });
        let (claim_store, claim_knowledge) = (Arc::clone(store), Arc::clone(&knowledge));
        let claims = Batcher::start(BATCHES, move |items: Vec<ClaimOf>| {
            let (store, knowledge) = (Arc::clone(&claim_store), Arc::clone(&claim_knowledge));
            let span = first_span(items.first().map(|item| &item.span));
            async move { claim_batch(id, &store, &knowledge, items).await }.instrument(span)
        });
        Self { id, joins, claims, knowledge }
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

    pub(super) fn seen(&self) -> RoomSeen {
        *self.knowledge.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn see(&self, seen: RoomSeen) {
        self.knowledge.see(seen);
    }
}

impl Knowledge {
    fn see(&self, seen: RoomSeen) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).merge(seen);
    }

    fn epoch(&self) -> Result<u64, StoreError> {
        self.state.load().as_ref().map(|state| state.view.epoch).ok_or(StoreError::Away)
    }
}

/// A script has one parent: the trace of a batch's first request shows it.
fn first_span(first: Option<&Span>) -> Span {
    first.map_or_else(Span::none, Span::clone)
}

/// Adds newly read revocations to those known; the oldest go.
pub(super) fn keep_revocations(known: &mut VecDeque<Revocation>, new: Vec<Revocation>) {
    known.extend(new);
    let surplus = known.len().saturating_sub(REVOCATIONS_KEPT);
    known.drain(..surplus);
}

async fn join_batch(
    room: RoomId,
    store: &Store,
    knowledge: &Knowledge,
    joins: &[Join],
) -> Vec<Result<JoinAnswer, StoreError>> {
    let answers = async {
        let epoch = knowledge.epoch()?;
        let shown = |join: &Join| join.shown.filter(|(of, _)| *of == epoch).map_or(0, |(_, number)| number);
        let joins: Vec<_> = joins.iter().map(|join| (join.user.clone(), shown(join))).collect();
        let joined = store.join(RoomEpoch { room, epoch }, &joins).await?;
        Ok((epoch, joined))
    };
    match answers.await {
        Ok((epoch, joined)) => {
            let answer = |outcome| JoinAnswer { outcome, epoch, serving: joined.serving };
            let last = joined.outcomes.iter().filter_map(|outcome| match outcome {
                JoinOutcome::Place(number) => Some(*number),
                JoinOutcome::Full | JoinOutcome::Closed | JoinOutcome::Off => None,
            });
            // Before anybody is told: what was handed out must be known to have been.
            knowledge.see(RoomSeen { epoch, number: last.max().unwrap_or(0), serving: joined.serving });
            joined.outcomes.iter().map(|outcome| Ok(answer(*outcome))).collect()
        }
        Err(error) => joins.iter().map(|_| Err(StoreError::clone(&error))).collect(),
    }
}

async fn claim_batch(
    room: RoomId,
    store: &Store,
    knowledge: &Knowledge,
    claims: Vec<ClaimOf>,
) -> Vec<Result<Claimed, StoreError>> {
    let epoch = match knowledge.epoch() {
        Ok(epoch) => epoch,
        Err(error) => return claims.iter().map(|_| Err(error.clone())).collect(),
    };
    let fitting: Vec<bool> = claims.iter().map(|claim| claim.epoch == epoch).collect();
    let claims: Vec<_> =
        claims.into_iter().filter(|claim| claim.epoch == epoch).map(|claim| claim.claim).collect();
    let mut outcomes = match store.claim(RoomEpoch { room, epoch }, &claims).await {
        Ok(claimed) => claimed.outcomes.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => claims.iter().map(|_| Err(error.clone())).collect(),
    }
    .into_iter();
    let outcome = |fits: bool| if fits { outcomes.next() } else { None };
    fitting.into_iter().map(outcome).map(|outcome| outcome.unwrap_or(Err(StoreError::Epoch))).collect()
}
