//! What an attempt that failed means: the one place where gRPC codes are told apart.

use std::{error::Error as _, time::Duration};

use tonic::{Code, ConnectError, Status};
use tonic_types::StatusExt as _;

use crate::{
    failure::{Failure, Service},
    upstream::sales,
};

/// The reason that the queue gives for a token whose epoch a reset ended.
const ENDED_EPOCH: &str = "TOKEN_OF_ENDED_EPOCH";

/// Why an attempt has no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// There is no connection to the copy: nothing was sent.
    Unreached(String),
    /// The copy went away during the call, or did not answer in time: what was sent may have been done.
    Copy(String),
    /// The copy answers that it cannot.
    Answer(Box<Status>),
}

impl Fault {
    /// Tells a status that the copy sent from one that the transport made up.
    pub(crate) fn of(status: Status) -> Self {
        if status.source().is_none() {
            return Self::Answer(Box::new(status));
        }
        let reason = status.message().to_owned();
        if is_about_connecting(&status) { Self::Unreached(reason) } else { Self::Copy(reason) }
    }

    /// Whether another copy may do better.
    pub(crate) fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Unreached(_) | Self::Copy(_) => true,
            // A copy that ran out of the time of its attempt says so at the moment at which nobody waits for it any more, and so
            // does our own transport, as `Cancelled`: which comes first is chance.
            Self::Answer(status) => {
                matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled)
            }
        }
    }

    /// Whether what was asked has surely not been done.
    pub(crate) const fn is_unsent(&self) -> bool {
        matches!(self, Self::Unreached(_))
    }

    /// What it means to the caller.
    pub(crate) fn into_failure(self, service: Service) -> Failure {
        match self {
            Self::Unreached(_) | Self::Copy(_) => Failure::away(service),
            Self::Answer(status) => failure(service, &status),
        }
    }
}

fn is_about_connecting(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<ConnectError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn failure(service: Service, status: &Status) -> Failure {
    match status.code() {
        Code::InvalidArgument | Code::OutOfRange => invalid(status),
        Code::Unauthenticated => unauthenticated(status),
        Code::NotFound => Failure::NotFound { what: missing(service, status) },
        Code::FailedPrecondition => refused(status),
        Code::Aborted | Code::AlreadyExists => Failure::Conflict,
        Code::ResourceExhausted => Failure::Overloaded { service, retry_after: retry_after(status) },
        Code::Unavailable => Failure::Unavailable { service, retry_after: retry_after(status) },
        Code::DeadlineExceeded | Code::Cancelled => Failure::TooSlow { service },
        Code::Ok
        | Code::Unknown
        | Code::PermissionDenied
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss => {
            Failure::Broken { service, reason: format!("{:?}: {}", status.code(), status.message()) }
        }
    }
}

fn invalid(status: &Status) -> Failure {
    match field(status) {
        Some((field, reason)) => Failure::InvalidArgument { field: Some(field), reason },
        None => Failure::InvalidArgument { field: None, reason: status.message().to_owned() },
    }
}

fn refused(status: &Status) -> Failure {
    match status.get_details_error_info().as_ref().and_then(sales::refusal) {
        Some(refusal) => Failure::NotSold(refusal),
        None => Failure::Refused { reason: status.message().to_owned() },
    }
}

fn unauthenticated(status: &Status) -> Failure {
    let ended = status.get_details_error_info().is_some_and(|info| info.reason == ENDED_EPOCH);
    if ended { Failure::EndedEpoch } else { Failure::Unauthenticated }
}

/// What does not exist. The queue has nothing but rooms.
fn missing(service: Service, status: &Status) -> Option<String> {
    let stated = status.get_details_resource_info().map(|info| info.resource_type);
    match service {
        Service::Queue => stated.or_else(|| Some("room".to_owned())),
        Service::Catalog => stated,
    }
}

/// The first field that the details complain of, and why.
fn field(status: &Status) -> Option<(String, String)> {
    let violation = status.get_details_bad_request()?.field_violations.into_iter().next()?;
    Some((violation.field, violation.description))
}

fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// What a status that a service sent means.
#[cfg(test)]
pub(crate) fn failure_of(service: Service, status: Status) -> Failure {
    Fault::of(status).into_failure(service)
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;
    use crate::selling::Refusal;

    fn failure_of(status: Status) -> Failure {
        super::failure_of(Service::Catalog, status)
    }

    #[test]
    fn a_field_and_its_reason_are_taken_from_the_details() {
        let details = ErrorDetails::with_bad_request_violation("cursor", "of another query");
        let status = Status::with_error_details(Code::InvalidArgument, "no", details);
        let (field, reason) = (Some("cursor".to_owned()), "of another query".to_owned());
        assert_eq!(failure_of(status), Failure::InvalidArgument { field, reason });
    }

    #[test]
    fn an_ended_epoch_and_what_is_missing_are_told_by_details() {
        let details = ErrorDetails::with_error_info(ENDED_EPOCH, "queue.onsale", []);
        let status = Status::with_error_details(Code::Unauthenticated, "no", details);
        assert_eq!(failure_of(status), Failure::EndedEpoch);
        let details = ErrorDetails::with_resource_info("section", "", "", "no such section");
        let status = Status::with_error_details(Code::NotFound, "no", details);
        assert_eq!(failure_of(status), Failure::NotFound { what: Some("section".to_owned()) });
    }

    #[test]
    fn when_to_come_back_is_taken_from_the_details() {
        let retry_after = Some(Duration::from_secs(3));
        let status =
            Status::with_error_details(Code::Unavailable, "no", ErrorDetails::with_retry_info(retry_after));
        assert_eq!(failure_of(status), Failure::Unavailable { service: Service::Catalog, retry_after });
        assert_eq!(failure_of(Status::unavailable("no")), Failure::away(Service::Catalog));
    }

    #[test]
    fn what_the_transport_makes_up_is_the_copys_fault() {
        let made_up = Status::from_error(Box::new(std::io::Error::other("connection reset")));
        assert!(matches!(Fault::of(made_up), Fault::Copy(_)));
        let sent = Fault::of(Status::internal("broken"));
        assert!(matches!(sent, Fault::Answer(_)) && !sent.is_worth_repeating());
        assert!(Fault::of(Status::unavailable("redis is away")).is_worth_repeating());
    }

    #[test]
    fn only_without_a_connection_nothing_was_sent() {
        let refused = || std::io::Error::other("connection refused");
        let unreached = Fault::of(Status::from_error(Box::new(ConnectError(Box::new(refused())))));
        assert!(unreached.is_unsent() && unreached.is_worth_repeating());
        let lost = Fault::of(Status::from_error(Box::new(refused())));
        assert!(!lost.is_unsent() && lost.is_worth_repeating());
    }

    #[test]
    fn a_refusal_of_the_catalog_is_told_by_its_details() {
        let details = ErrorDetails::with_error_info("SALE_OVER", "catalog.onsale", []);
        let status = Status::with_error_details(Code::FailedPrecondition, "no", details);
        assert_eq!(failure_of(status), Failure::NotSold(Refusal::SaleOver));
        let unexplained = Failure::Refused { reason: "no".to_owned() };
        assert_eq!(failure_of(Status::failed_precondition("no")), unexplained);
    }
}
