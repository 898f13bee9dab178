//! The one table from failures to gRPC status codes.
//!
//! | failure | code | details |
//! |---|---|---|
//! | a field of the request is wrong | `INVALID_ARGUMENT` | `BadRequest` names the field |
//! | no such concert, schedule or section | `NOT_FOUND` | `ResourceInfo` says which |
//! | the store is away; too many calls at once | `UNAVAILABLE` | `RetryInfo` |
//! | the deadline passed | `DEADLINE_EXCEEDED` | `RetryInfo` |
//! | the store's answer makes no sense | `INTERNAL` | none; the log has it |

use std::error::Error as StdError;

use onsale_grpc_server::status::{invalid, unavailable};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    domain::Invalid,
    reading::{ReadingError, Subject},
    store::StoreError,
};

/// A failed question, as its caller sees it.
pub(super) fn of_failure(failure: ReadingError) -> Status {
    match failure {
        ReadingError::Invalid(invalid) => of_invalid(invalid),
        ReadingError::NotFound(subject) => of_missing(subject),
        ReadingError::Store(StoreError::Away(source)) => {
            // An outage is logged once, where readiness notices it, and not by each call it fails.
            tracing::debug!(error = %chain(source.as_ref()), "the store is away");
            unavailable("the store is away")
        }
        ReadingError::Store(StoreError::Broken(source)) => {
            tracing::error!(error = %chain(source.as_ref()), "the store's answer makes no sense");
            Status::internal("internal error")
        }
    }
}

/// A request that is wrong whatever the store holds.
pub(super) fn of_invalid(wrong: Invalid) -> Status {
    invalid(wrong.field, &wrong.problem.to_string())
}

fn of_missing(subject: Subject) -> Status {
    let kind = match subject {
        Subject::Concert => "concert",
        Subject::Schedule => "schedule",
        Subject::Section => "section",
    };
    let message = format!("no such {subject}");
    let details = ErrorDetails::with_resource_info(kind, "", "", message.as_str());
    Status::with_error_details(Code::NotFound, message, details)
}

/// An error with its causes, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Problem;

    #[test]
    fn a_wrong_field_is_named_in_the_details() {
        let status = of_invalid(Invalid { field: "cursor", problem: Problem::NotACursor });
        assert_eq!(status.code(), Code::InvalidArgument);
        let violations = status.get_details_bad_request().expect("details").field_violations;
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].field, "cursor");
    }

    #[test]
    fn an_outage_says_when_to_try_again() {
        let status = of_failure(ReadingError::Store(StoreError::Away("gone".into())));
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.get_details_retry_info().is_some());
    }

    #[test]
    fn what_is_missing_is_said_and_what_is_broken_is_not() {
        let status = of_failure(ReadingError::NotFound(Subject::Section));
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.get_details_resource_info().expect("details").resource_type, "section");

        let status = of_failure(ReadingError::Store(StoreError::Broken("column secret".into())));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("secret"));
    }
}
