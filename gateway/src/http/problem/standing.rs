//! What a token, a place or a room can have against a request.

use std::time::Duration;

use super::{Problem, ProblemType};
use crate::{
    http::queue_status::StatusBody,
    rooms::{JoinError, JoinRefusal, NotAdmitted, RefusalReason, Standpoint, StatusError},
};

/// RFC 6750 §3: what to show, and that what was shown is not it.
const CHALLENGE: &str = "Bearer";
const CHALLENGE_INVALID: &str = "Bearer error=\"invalid_token\"";

impl Problem {
    /// No token where one is needed.
    pub(crate) fn token_missing() -> Self {
        Self::new(ProblemType::TokenMissing)
            .with_detail("join with POST /api/queues/token")
            .with_challenge(CHALLENGE)
    }

    /// The same for everything that can be wrong with a token, so that a forger learns nothing.
    pub(crate) fn token_invalid() -> Self {
        Self::new(ProblemType::TokenInvalid)
            .with_detail("join again with POST /api/queues/token")
            .with_challenge(CHALLENGE_INVALID)
    }

    /// A reset ended the token's epoch. Its signature is good, so that saying so helps no forger.
    pub(crate) fn token_of_ended_epoch() -> Self {
        Self::new(ProblemType::TokenOfEndedEpoch)
            .with_detail("the room was reset; join again with POST /api/queues/token")
            .with_challenge(CHALLENGE_INVALID)
    }
}

impl From<StatusError> for Problem {
    fn from(error: StatusError) -> Self {
        match error {
            StatusError::EndedEpoch => Self::token_of_ended_epoch(),
            StatusError::NotInLine => Self::new(ProblemType::NotInLine).with_detail(
                "the room was off when the token was made; join again with POST /api/queues/token",
            ),
            StatusError::Failed(failure) => failure.into(),
        }
    }
}

impl From<NotAdmitted> for Problem {
    fn from(error: NotAdmitted) -> Self {
        match error {
            NotAdmitted::TokenMissing => Self::token_missing(),
            NotAdmitted::TokenInvalid => Self::token_invalid(),
            NotAdmitted::AnotherRoom { room } => Self::new(ProblemType::TokenOfAnotherRoom)
                .with_detail("the concert is behind another room; join that one")
                .with_room(Some(room)),
            NotAdmitted::StillWaiting(standpoint) => still_waiting(&standpoint),
            NotAdmitted::SessionEnded => {
                Self::new(ProblemType::SessionEnded).with_detail("join again with POST /api/queues/token")
            }
            NotAdmitted::RoomClosed => Self::new(ProblemType::RoomClosed),
            NotAdmitted::Status(error) => error.into(),
        }
    }
}

fn still_waiting(standpoint: &Standpoint) -> Problem {
    let problem = Problem::new(ProblemType::StillWaiting).with_place(StatusBody::of(standpoint));
    match standpoint.place.poll_after_ms {
        Some(after) => problem.with_retry_after(Duration::from_millis(after)),
        None => problem,
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Refused(refusal) => refused(refusal),
            JoinError::Failed(failure) => failure.into(),
        }
    }
}

fn refused(refusal: JoinRefusal) -> Problem {
    let problem = match refusal.reason {
        RefusalReason::Closed => Problem::new(ProblemType::RoomClosed).with_room(refusal.room),
        RefusalReason::LineFull => Problem::new(ProblemType::LineFull).with_room(refusal.room),
        RefusalReason::InvalidUser => Problem::value("userId", "not a user that the queue takes"),
    };
    match refusal.retry_after {
        Some(after) => problem.with_retry_after(after),
        None => problem,
    }
}
