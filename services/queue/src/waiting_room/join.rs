use std::sync::Arc;

use futures::future::join_all;
use onsale_token::{Mode, QueueToken, RoomId, UserId};
use tracing::Span;

use super::{
    Place, RoomError, Standing, WaitingRooms,
    batches::{Join, JoinAnswer},
    place::Visitor,
    room::{Room, RoomState},
    unix_ms,
};
use crate::{
    metrics::JoinLabel,
    store::redis::{JoinOutcome, StoreError},
};

/// One visitor who asks for a place.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The concert whose room is joined; 0 for the site room.
    pub concert: u64,
    /// Who asks.
    pub user: UserId,
    /// The queue token that the visitor still shows; empty for none.
    pub token: String,
}

/// A place given.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The queue token.
    pub token: String,
    /// What it means at this moment.
    pub place: Place,
}

/// A place refused, by the room's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRefusal {
    /// The room takes no more visitors.
    Closed(RoomId),
    /// As many wait as may.
    LineFull(RoomId),
}

impl WaitingRooms {
    /// Gives each user a place, the same one for as long as it is live.
    ///
    /// # Errors
    /// Each join's own: [`RoomError::NoRoom`], [`RoomError::Store`], [`RoomError::Overloaded`].
    pub async fn join(&self, joins: Vec<JoinRequest>) -> Vec<Result<Result<Joined, JoinRefusal>, RoomError>> {
        join_all(joins.into_iter().map(|join| self.join_one(join))).await
    }

    async fn join_one(&self, request: JoinRequest) -> Result<Result<Joined, JoinRefusal>, RoomError> {
        let room = self.room_of_concert(request.concert)?;
        let state = room.state()?;
        if !state.view.mode.in_force() {
            room.metrics.joined(JoinLabel::WithoutANumber);
            return self.joined(room, state, request.user, 0).await.map(Ok);
        }
        let shown = self.shown(&request, room.id);
        let join = Join { user: request.user.clone(), shown, span: Span::current() };
        let answer =
            self.submit(&room, join).await.inspect_err(|_| room.metrics.joined(JoinLabel::Failed))?;
        let number = match answer.outcome {
            JoinOutcome::Place { number, .. } => number,
            JoinOutcome::Off => 0,
            JoinOutcome::Full => return Ok(Err(JoinRefusal::LineFull(room.id))),
            JoinOutcome::Closed => return Ok(Err(JoinRefusal::Closed(room.id))),
        };
        let state = self.state_with(&room, &answer).await?;
        self.joined(room, state, request.user, number).await.map(Ok)
    }

    /// Sends the join with the next batch; once more when a reset came in between.
    async fn submit(&self, room: &Arc<Room>, join: Join) -> Result<JoinAnswer, RoomError> {
        match room.joins.submit(join.clone()).await? {
            Err(StoreError::Epoch) => {
                self.look(room).await?;
                Ok(room.joins.submit(join).await??)
            }
            answer => Ok(answer?),
        }
    }

    /// The room's state, no older than the answer in what matters to the one who joined.
    async fn state_with(&self, room: &Arc<Room>, answer: &JoinAnswer) -> Result<Arc<RoomState>, RoomError> {
        let state = room.state()?;
        if state.view.epoch != answer.epoch {
            return self.look(room).await;
        }
        if state.view.serving >= answer.serving {
            return Ok(state);
        }
        let mut newer = RoomState::clone(&state);
        newer.view.serving = answer.serving;
        newer.view.last_number = newer.view.last_number.max(answer.serving);
        Ok(room.publish(newer))
    }

    async fn joined(
        &self,
        room: Arc<Room>,
        state: Arc<RoomState>,
        user: UserId,
        number: u64,
    ) -> Result<Joined, RoomError> {
        let epoch = state.view.epoch;
        let token = QueueToken { room: room.id, epoch, number, user };
        let signed = self.sign(&token)?;
        let mode = state.view.mode;
        let visitor = Visitor { room, state, token };
        let standing = match self.stand(&visitor).await {
            Ok(standing) => standing,
            // The place is given, and stays given: what came of it the visitor learns by the first poll.
            Err(RoomError::Store(StoreError::Away | StoreError::Fencing) | RoomError::Overloaded(_)) => {
                unknown_yet(mode)
            }
            Err(error) => return Err(error),
        };
        let place = Place { room: visitor.room.id, epoch, number, mode, standing };
        Ok(Joined { token: signed, place })
    }

    /// What a token says that the visitor still shows: epoch and number, if it is the same user's in the same room.
    fn shown(&self, request: &JoinRequest, room: RoomId) -> Option<(u64, u64)> {
        let token = self.keyring.verify(&request.token, unix_ms() / 1_000).ok()?;
        (token.room == room && token.user == request.user).then_some((token.epoch, token.number))
    }
}

fn unknown_yet(mode: Mode) -> Standing {
    if mode == Mode::Closed {
        return Standing::Closed;
    }
    Standing::Waiting { remaining: 0, ready: true, wait: None, poll_after_ms: onsale_token::POLL_FLOOR_MS }
}
