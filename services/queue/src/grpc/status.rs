//! The one table from errors to gRPC status codes.
//!
//! | error | code | details |
//! |---|---|---|
//! | the token does not hold | `UNAUTHENTICATED` | `ErrorInfo`: `TOKEN_INVALID` or `TOKEN_OF_ENDED_EPOCH` |
//! | a field is wrong | `INVALID_ARGUMENT` | `BadRequest` names the field |
//! | no such room | `NOT_FOUND` | none |
//! | no session; the mode does not allow it | `FAILED_PRECONDITION` | none |
//! | the policy was changed meanwhile | `ABORTED` | none |
//! | Redis is away or being fenced; too much at once | `UNAVAILABLE` | `RetryInfo` |
//! | Redis' answer makes no sense | `INTERNAL` | none; the log has it |

use std::collections::HashMap;

use onsale_grpc_server::status::{invalid, unavailable};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::waiting_room::{Kind, RoomError};

/// Whose reasons those of `ErrorInfo` are.
const DOMAIN: &str = "queue.onsale";

impl From<RoomError> for Status {
    /// A use case that was not carried out, as its caller sees it.
    fn from(error: RoomError) -> Self {
        of_error(&error)
    }
}

fn of_error(error: &RoomError) -> Status {
    match error.kind() {
        // Which check failed would help a forger, so all invalid tokens are told the same.
        Kind::Unauthenticated => unauthenticated(error),
        Kind::NotFound => Status::not_found(error.to_string()),
        Kind::Invalid => of_invalid(error),
        Kind::Precondition => Status::failed_precondition(error.to_string()),
        Kind::Conflict => Status::aborted(error.to_string()),
        Kind::Unavailable => {
            // An outage is logged once, where readiness notices it, and not by each call it fails.
            tracing::debug!(%error, "not just now");
            unavailable(&error.to_string())
        }
        Kind::Internal => {
            tracing::error!(%error, "internal error");
            Status::internal("internal error")
        }
    }
}

fn unauthenticated(error: &RoomError) -> Status {
    tracing::debug!(%error, "refused a token");
    let ended = matches!(error, RoomError::EndedEpoch);
    let (reason, message) = if ended {
        ("TOKEN_OF_ENDED_EPOCH", "the token is of an epoch that has ended")
    } else {
        ("TOKEN_INVALID", "the token is not valid")
    };
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(Code::Unauthenticated, message, details)
}

fn of_invalid(error: &RoomError) -> Status {
    match error {
        RoomError::Policy(policy) => invalid(&format!("policy.{}", policy.field), policy.rule),
        RoomError::Token(_)
        | RoomError::EndedEpoch
        | RoomError::NoRoom
        | RoomError::NoSession
        | RoomError::Store(_)
        | RoomError::Overloaded(_) => Status::invalid_argument(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use onsale_token::TokenError;

    use super::*;
    use crate::{domain::PolicyError, store::redis::StoreError};

    #[test]
    fn every_invalid_token_is_told_the_same() {
        let reasons = [
            TokenError::Malformed,
            TokenError::WrongType,
            TokenError::WrongAlgorithm,
            TokenError::UnknownKey,
            TokenError::WrongSignature,
            TokenError::Expired,
        ];
        let answers = reasons.map(|reason| {
            let status = Status::from(RoomError::Token(reason));
            (status.code(), status.message().to_owned(), status.details().to_vec())
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(answers[0].0, Code::Unauthenticated);
    }

    #[test]
    fn an_outage_says_when_to_try_again_and_a_policy_which_field() {
        let status = Status::from(RoomError::Store(StoreError::Fencing));
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.get_details_retry_info().is_some());
        let status = Status::from(RoomError::Policy(PolicyError { field: "burst", rule: "is 1 to 100000" }));
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "policy.burst");
    }
}
