use std::sync::Arc;

use onsale_token::{Mode, Position, QueueToken, RoomId, Wait};
use tracing::Span;

use super::{
    RoomError, WaitingRooms,
    batches::ClaimOf,
    room::{Room, RoomState},
    unix_ms,
};
use crate::store::redis::{Claim, Claimed, PlaceRef, SessionState, StoreError};

/// A visitor's place and what it means at this moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The room.
    pub room: RoomId,
    /// The room's epoch.
    pub epoch: u64,
    /// The number, 0 where the room was not in force on joining.
    pub number: u64,
    /// The room's mode.
    pub mode: Mode,
    /// How the visitor stands.
    pub standing: Standing,
}

/// How a visitor stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// In line, or called and without a slot.
    Waiting {
        /// How many stand before the visitor.
        remaining: u64,
        /// Called, but no slot is free just now.
        ready: bool,
        /// How long it will take, where an honest estimate exists.
        wait: Option<Wait>,
        /// When to ask again, in milliseconds.
        poll_after_ms: u64,
    },
    /// In a session; `None` where the room is not in force.
    Active(Option<SessionState>),
    /// The place is used up.
    Expired,
    /// The room is closed to those who wait.
    Closed,
}

/// Who shows a token, and the room as that is now.
pub(super) struct Visitor {
    pub(super) room: Arc<Room>,
    pub(super) state: Arc<RoomState>,
    pub(super) token: QueueToken,
}

impl Visitor {
    pub(super) fn place_ref(&self) -> PlaceRef {
        PlaceRef { number: self.token.number, user: self.token.user.clone() }
    }
}

impl WaitingRooms {
    /// What a visitor's number means at this moment. For a called one this is the claim.
    pub(super) async fn stand(&self, visitor: &Visitor) -> Result<Standing, RoomError> {
        let view = &visitor.state.view;
        match view.position(visitor.token.number) {
            Position::NotInForce => Ok(Standing::Active(None)),
            Position::NoPlace => Ok(Standing::Expired),
            Position::Waiting { remaining } => Ok(waiting(visitor, remaining)),
            Position::Called => self.claim(visitor).await,
        }
    }

    async fn claim(&self, visitor: &Visitor) -> Result<Standing, RoomError> {
        let claim = Claim { place: visitor.place_ref(), session_id: session_id() };
        let item = ClaimOf { epoch: visitor.token.epoch, claim, span: Span::current() };
        let outcome = visitor.room.claims.submit(item).await?;
        Ok(match outcome {
            Ok(Claimed::Granted(session) | Claimed::Active(session)) => Standing::Active(Some(session)),
            Ok(Claimed::Ready) => Standing::Waiting {
                remaining: 0,
                ready: true,
                wait: None,
                poll_after_ms: visitor.state.view.ready_poll_after_ms(jitter()),
            },
            // The view was ahead of Redis, as after a loss: serving does not fall, the room catches up.
            Ok(Claimed::Waiting) => waiting(visitor, 0),
            Ok(Claimed::Expired) => Standing::Expired,
            Ok(Claimed::Closed) => Standing::Closed,
            Err(StoreError::Epoch) => return Err(RoomError::EndedEpoch),
            Err(error) => return Err(error.into()),
        })
    }
}

fn waiting(visitor: &Visitor, remaining: u64) -> Standing {
    let view = &visitor.state.view;
    if view.mode == Mode::Closed {
        return Standing::Closed;
    }
    let now_ms = i64::try_from(unix_ms()).unwrap_or(i64::MAX);
    let wait = view.wait(visitor.token.number, now_ms);
    let poll_after_ms = view.poll_after_ms(wait, jitter());
    Standing::Waiting { remaining, ready: false, wait, poll_after_ms }
}

/// 128 random bits: a session's id is told to its visitor only, and cannot be guessed.
fn session_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn jitter() -> f64 {
    rand::random_range(-1.0..=1.0)
}
