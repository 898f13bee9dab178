use std::time::Duration;

use super::{Problem, ProblemType};
use crate::identity::IdentityError;

/// How often keys that are not known are asked for.
const TRY_AGAIN: Duration = Duration::from_secs(2);

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::UserMissing => Self::value("userId", "is needed"),
            IdentityError::TokenMissing => {
                Self::new(ProblemType::AccessTokenMissing).with_challenge("Bearer")
            }
            IdentityError::TokenInvalid => {
                Self::new(ProblemType::AccessTokenInvalid).with_challenge("Bearer error=\"invalid_token\"")
            }
            IdentityError::UserMismatch => {
                Self::new(ProblemType::UserMismatch).with_field("userId", "is not the access token's sub")
            }
            IdentityError::Unavailable => {
                Self::new(ProblemType::IdentityUnavailable).with_retry_after(TRY_AGAIN)
            }
        }
    }
}
