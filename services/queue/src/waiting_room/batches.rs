//! What travels together to Redis: the joins of a room, and the polls of those who were called.

use std::{sync::Arc, time::Duration};

use onsale_batch::{BatchLimits, Batcher, span_of};
use onsale_token::{RoomId, UserId};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use super::{room::Knowledge, sync::RoomSeen};
use crate::{
    metrics::{BatchKind, JoinLabel, RoomMetrics},
    store::redis::{Claim, Claimed, JoinOutcome, JoinsOutcome, RoomEpoch, Store, StoreError},
};

/// Many joins share a script, and with it an fsync of Redis' log. Two calls are
/// under way at a time: one is carried out while the other travels.
const BATCHES: BatchLimits = BatchLimits { items: 256, lanes: 2, patience: Duration::ZERO, waiting: 32_768 };

pub(super) type Joins = Batcher<Join, Result<JoinAnswer, StoreError>>;
pub(super) type Claims = Batcher<ClaimOf, Result<Claimed, StoreError>>;

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

/// A room's way to Redis.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) room: RoomId,
    pub(super) store: Arc<Store>,
    pub(super) knowledge: Arc<Knowledge>,
    pub(super) metrics: RoomMetrics,
}

impl Way {
    pub(super) fn joins(&self) -> Joins {
        let way = self.clone();
        Batcher::start(BATCHES, move |joins: Vec<Join>| {
            let way = way.clone();
            let span = span_of(
                joins.iter().map(|join| &join.span),
                |parent| info_span!(parent: parent, "join batch", batch.size = size(joins.len()), batch.unlinked = Empty),
            );
            async move { way.join(&joins).await }.instrument(span)
        })
    }

    pub(super) fn claims(&self) -> Claims {
        let way = self.clone();
        Batcher::start(BATCHES, move |claims: Vec<ClaimOf>| {
            let way = way.clone();
            let span = span_of(
                claims.iter().map(|claim| &claim.span),
                |parent| info_span!(parent: parent, "claim batch", batch.size = size(claims.len()), batch.unlinked = Empty),
            );
            async move { way.claim(claims).await }.instrument(span)
        })
    }

    async fn join(&self, joins: &[Join]) -> Vec<Result<JoinAnswer, StoreError>> {
        self.metrics.sends(BatchKind::Join, joins.len());
        let answers = async {
            let epoch = self.knowledge.epoch()?;
            let shown =
                |join: &Join| join.shown.filter(|(of, _)| *of == epoch).map_or(0, |(_, number)| number);
            let joins: Vec<_> = joins.iter().map(|join| (join.user.clone(), shown(join))).collect();
            let joined = self.store.join(RoomEpoch { room: self.room, epoch }, &joins).await?;
            Ok((epoch, joined))
        };
        match answers.await {
            Ok((epoch, joined)) => {
                self.count_joins(&joined);
                let answer = |outcome| JoinAnswer { outcome, epoch, serving: joined.serving };
                // Before anybody is told: what was handed out must be known to have been.
                self.knowledge.see(RoomSeen { epoch, number: last_number(&joined), serving: joined.serving });
                joined.outcomes.iter().map(|outcome| Ok(answer(*outcome))).collect()
            }
            Err(error) => joins.iter().map(|_| Err(StoreError::clone(&error))).collect(),
        }
    }

    fn count_joins(&self, joined: &JoinsOutcome) {
        self.metrics.released(joined.called);
        for outcome in &joined.outcomes {
            self.metrics.joined(JoinLabel::from(*outcome));
        }
    }

    async fn claim(&self, claims: Vec<ClaimOf>) -> Vec<Result<Claimed, StoreError>> {
        let epoch = match self.knowledge.epoch() {
            Ok(epoch) => epoch,
            Err(error) => return claims.iter().map(|_| Err(error.clone())).collect(),
        };
        let fitting: Vec<bool> = claims.iter().map(|claim| claim.epoch == epoch).collect();
        let claims: Vec<_> =
            claims.into_iter().filter(|claim| claim.epoch == epoch).map(|claim| claim.claim).collect();
        let mut outcomes = match self.claim_in(epoch, &claims).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => claims.iter().map(|_| Err(error.clone())).collect(),
        }
        .into_iter();
        let outcome = |fits: bool| if fits { outcomes.next() } else { None };
        fitting.into_iter().map(outcome).map(|outcome| outcome.unwrap_or(Err(StoreError::Epoch))).collect()
    }

    async fn claim_in(&self, epoch: u64, claims: &[Claim]) -> Result<Vec<Claimed>, StoreError> {
        self.metrics.sends(BatchKind::Claim, claims.len());
        let claimed = self.store.claim(RoomEpoch { room: self.room, epoch }, claims).await?;
        self.metrics.late(claimed.late);
        self.metrics.order_inverted(claimed.out_of_turn);
        for (claim, outcome) in claims.iter().zip(&claimed.outcomes) {
            if let Claimed::Granted(session) = outcome {
                let at_ms = u64::try_from(session.started_at_ms).unwrap_or_default();
                self.metrics.claimed(self.knowledge.waited(epoch, claim.place.number, at_ms));
            }
        }
        Ok(claimed.outcomes)
    }
}

fn last_number(joined: &JoinsOutcome) -> u64 {
    let last = joined.outcomes.iter().filter_map(|outcome| match outcome {
        JoinOutcome::Place { number, .. } => Some(*number),
        JoinOutcome::Full | JoinOutcome::Closed | JoinOutcome::Off => None,
    });
    last.max().unwrap_or(0)
}

/// A number as spans take it.
fn size(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}
