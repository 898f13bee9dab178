//! The one table from failures to gRPC status codes.
//!
//! | failure | code | details |
//! |---|---|---|
//! | a field of the request is wrong | `INVALID_ARGUMENT` | `BadRequest` names the field |
//! | no such concert, schedule, section, hold, sale or answer | `NOT_FOUND` | `ResourceInfo` says which |
//! | the house says no for now, or to this buyer | `FAILED_PRECONDITION` | `ErrorInfo` has the reason |
//! | the store is away; too many calls at once; the seats are in use | `UNAVAILABLE` | `RetryInfo` |
//! | the deadline passed | `DEADLINE_EXCEEDED` | `RetryInfo` |
//! | the store's answer makes no sense | `INTERNAL` | none; the log has it |

use std::{collections::HashMap, error::Error as StdError};

use onsale_grpc_server::status::{invalid, unavailable};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    domain::{Invalid, Refusal, SeatNo, Subject, unix_ms},
    reading::ReadingError,
    store::{SalesError, StoreError},
};

/// Whose reasons an `ErrorInfo` has.
const REFUSALS: &str = "catalog.onsale";

/// A failed question, as its caller sees it.
pub(super) fn of_failure(failure: ReadingError) -> Status {
    match failure {
        ReadingError::Invalid(invalid) => of_invalid(invalid),
        ReadingError::NotFound(subject) => of_missing(subject),
        ReadingError::Store(error) => of_store(&error),
    }
}

/// An operation on seats that was not done, as its caller sees it.
pub(super) fn of_sales_error(error: SalesError) -> Status {
    match error {
        SalesError::NotFound(subject) => of_missing(subject),
        SalesError::UnknownSeats(seats) => invalid(
            "named.seat_nos",
            &format!("must be seats of the schedule, and {} are not", listed(&seats)),
        ),
        SalesError::Refused(refusal) => of_refusal(&refusal),
        SalesError::Store(error) => of_store(&error),
    }
}

fn of_store(error: &StoreError) -> Status {
    match error {
        StoreError::Away(source) => {
            // An outage is logged once, where readiness notices it, and not by each call it fails.
            tracing::debug!(error = %chain(source.as_ref()), "the store is away");
            unavailable("the store is away")
        }
        StoreError::Busy(source) => {
            tracing::debug!(error = %chain(source.as_ref()), "the store is busy");
            unavailable("another call has the same seats just now")
        }
        StoreError::Broken(source) => {
            tracing::error!(error = %chain(source.as_ref()), "the store's answer makes no sense");
            Status::internal("internal error")
        }
    }
}

/// The contract's name of a refusal, and its figures.
fn of_refusal(refusal: &Refusal) -> Status {
    use onsale_proto::catalog::v1::Refusal as Reason;
    let (reason, metadata) = match refusal {
        Refusal::SeatsTaken(seats) => (Reason::SeatsTaken, vec![("seats", listed(seats))]),
        Refusal::NotEnoughSeats => (Reason::NotEnoughSeats, vec![]),
        Refusal::LimitReached { limit, have } => {
            (Reason::LimitReached, vec![("limit", limit.to_string()), ("have", have.to_string())])
        }
        Refusal::SaleNotOpen { opens_at } => {
            (Reason::SaleNotOpen, vec![("opens_at_ms", unix_ms(*opens_at).to_string())])
        }
        Refusal::SaleOver => (Reason::SaleOver, vec![]),
        Refusal::HoldEnded => (Reason::HoldEnded, vec![]),
        Refusal::PaymentBegun => (Reason::PaymentBegun, vec![]),
        Refusal::HoldSold => (Reason::HoldSold, vec![]),
        Refusal::AnotherOrder => (Reason::AnotherOrder, vec![]),
        Refusal::KeyReused => (Reason::KeyReused, vec![]),
    };
    let metadata: HashMap<String, String> =
        metadata.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let details = ErrorDetails::with_error_info(reason.as_str_name(), REFUSALS, metadata);
    Status::with_error_details(Code::FailedPrecondition, refusal.to_string(), details)
}

/// Seat numbers as refusals list them.
fn listed(seats: &[SeatNo]) -> String {
    seats.iter().map(|seat| seat.0.to_string()).collect::<Vec<_>>().join(",")
}

/// A request that is wrong whatever the store holds.
pub(super) fn of_invalid(wrong: Invalid) -> Status {
    invalid(wrong.field, &wrong.problem.to_string())
}

fn of_missing(subject: Subject) -> Status {
    let kind = match subject {
        Subject::Concert => "concert",
        Subject::Schedule => "schedule",
        Subject::Layout => "layout",
        Subject::Section => "section",
        Subject::Hold => "hold",
        Subject::Sale => "sale",
        Subject::Answer => "answer",
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

    #[test]
    fn a_refusal_has_the_contracts_name_and_its_figures() {
        let status = of_sales_error(SalesError::Refused(Refusal::SeatsTaken(vec![SeatNo(3), SeatNo(7)])));
        assert_eq!(status.code(), Code::FailedPrecondition);
        let info = status.get_details_error_info().expect("details");
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("SEATS_TAKEN", "catalog.onsale"));
        assert_eq!(info.metadata["seats"], "3,7");
    }

    #[test]
    fn seats_in_use_may_be_asked_for_again() {
        let status = of_sales_error(SalesError::Store(StoreError::Busy("lock".into())));
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.get_details_retry_info().is_some());
    }
}
