use onsale_batch::BatchError;
use onsale_token::TokenError;

use crate::{domain::PolicyError, store::redis::StoreError};

/// Why a use case was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RoomError {
    /// The token is not valid.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is of an epoch that a reset ended.
    #[error("the token is of an epoch that has ended")]
    EndedEpoch,
    /// There is no such room.
    #[error("there is no such room")]
    NoRoom,
    /// The token has no session, or none any more.
    #[error("there is no session")]
    NoSession,
    /// A field of a policy is out of range.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Redis gave no answer that can be used.
    #[error(transparent)]
    Store(StoreError),
    /// More wait to be served than may.
    #[error(transparent)]
    Overloaded(#[from] BatchError),
}

/// What an error means to a caller: the one classification, mapped once to gRPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The token does not hold.
    Unauthenticated,
    /// What was asked for is not there.
    NotFound,
    /// A field is wrong.
    Invalid,
    /// Not in this state.
    Precondition,
    /// Somebody else changed it first.
    Conflict,
    /// Not just now.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl RoomError {
    /// The error's kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Token(_) | Self::EndedEpoch => Kind::Unauthenticated,
            Self::NoRoom => Kind::NotFound,
            Self::NoSession => Kind::Precondition,
            Self::Policy(_) => Kind::Invalid,
            Self::Overloaded(_) => Kind::Unavailable,
            Self::Store(error) => match error {
                // A reset came in between twice: asked again, the call finds the new epoch.
                StoreError::Away | StoreError::Fencing | StoreError::Epoch => Kind::Unavailable,
                StoreError::NoRoom => Kind::NotFound,
                StoreError::Version => Kind::Conflict,
                StoreError::Mode => Kind::Precondition,
                StoreError::Address
                | StoreError::Corrupt { .. }
                | StoreError::NoScript
                | StoreError::Refused(_) => Kind::Internal,
            },
        }
    }
}

impl From<StoreError> for RoomError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::NoRoom { Self::NoRoom } else { Self::Store(error) }
    }
}
