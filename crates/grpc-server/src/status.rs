//! Answers that mean the same whatever was asked.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// When trying again may make sense after an outage: about what it takes to notice that it is over.
pub const RETRY: Duration = Duration::from_secs(1);

/// Not just now: `UNAVAILABLE`, with `RetryInfo`.
#[must_use]
pub fn unavailable(message: &str) -> Status {
    Status::with_error_details(Code::Unavailable, message, ErrorDetails::with_retry_info(Some(RETRY)))
}

/// A field of the request is wrong: `INVALID_ARGUMENT`, with a `BadRequest` that names it.
#[must_use]
pub fn invalid(field: &str, problem: &str) -> Status {
    let details = ErrorDetails::with_bad_request_violation(field, problem);
    Status::with_error_details(Code::InvalidArgument, format!("{field} {problem}"), details)
}

/// A call that is refused because too many are in flight.
pub(crate) fn overload() -> Status {
    unavailable("too many calls at once")
}

/// A call whose time is over.
pub(crate) fn lateness() -> Status {
    let details = ErrorDetails::with_retry_info(Some(RETRY));
    Status::with_error_details(Code::DeadlineExceeded, "the deadline passed", details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_may_pass_says_when_to_try_again() {
        for status in [unavailable("redis is away"), overload(), lateness()] {
            let retry = status.get_details_retry_info().expect("details");
            assert_eq!(retry.retry_delay, Some(RETRY), "{status:?}");
        }
    }

    #[test]
    fn a_wrong_field_is_named_in_the_details() {
        let status = invalid("cursor", "is no cursor of this query");
        assert_eq!(status.message(), "cursor is no cursor of this query");
        let violations = status.get_details_bad_request().expect("details").field_violations;
        assert_eq!(violations[0].field, "cursor");
    }
}
