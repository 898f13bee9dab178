use std::time::Duration;

use super::{Problem, ProblemType};
use crate::failure::{Failure, Service};

/// What is away is back within seconds, or it takes long anyway.
const TRY_AGAIN: Duration = Duration::from_secs(1);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        // Why a service has no answer only the log says: a caller can do nothing about it.
        let told = failure.to_string();
        match failure {
            Failure::InvalidArgument { field: Some(field), reason } => {
                Self::value(&camel_case(&field), reason)
            }
            Failure::InvalidArgument { field: None, reason } => {
                Self::new(ProblemType::InvalidValue).with_detail(reason)
            }
            Failure::Unauthenticated => Self::token_invalid(),
            Failure::EndedEpoch => Self::token_of_ended_epoch(),
            Failure::NotFound { what: Some(what) } => {
                Self::new(ProblemType::NotFound).with_field(named_by(&what), "does not exist")
            }
            Failure::NotFound { what: None } => Self::new(ProblemType::NotFound),
            Failure::Refused { reason } => Self::new(ProblemType::WrongMode).with_detail(reason),
            Failure::NotSold(refusal) => refusal.into(),
            Failure::Conflict => Self::new(ProblemType::VersionConflict),
            Failure::Overloaded { service, retry_after } => {
                later(ProblemType::Overloaded, service, retry_after).with_reason(told)
            }
            Failure::Unavailable { service, retry_after } => {
                later(ProblemType::Unavailable, service, retry_after).with_reason(told)
            }
            Failure::TooSlow { service } => later(ProblemType::TooSlow, service, None).with_reason(told),
            Failure::Broken { .. } => Self::new(ProblemType::Internal).with_reason(told),
        }
    }
}

fn later(kind: ProblemType, service: Service, after: Option<Duration>) -> Problem {
    let detail = match service {
        Service::Queue => "the waiting rooms do not answer",
        Service::Catalog => "the seat catalog does not answer",
    };
    Problem::new(kind).with_detail(detail).with_retry_after(after.unwrap_or(TRY_AGAIN))
}

/// The parameter that names a thing.
fn named_by(what: &str) -> &str {
    match what {
        "concert" => "concertId",
        "schedule" => "concertScheduleId",
        "room" => "roomId",
        "hold" => "holdId",
        "sale" => "saleId",
        other => other,
    }
}

/// A field of a call as JSON names it: `policy.claim_window_ms` is `policy.claimWindowMs`.
fn camel_case(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    let mut upper = false;
    for letter in field.chars() {
        if letter == '_' {
            upper = true;
        } else if upper {
            name.extend(letter.to_uppercase());
            upper = false;
        } else {
            name.push(letter);
        }
    }
    // Some fields are called otherwise outside.
    match name.as_str() {
        "fromMs" => "from".to_owned(),
        "toMs" => "to".to_owned(),
        "seatNos" | "named.seatNos" => "seatIds".to_owned(),
        "idempotencyKey" => "Idempotency-Key".to_owned(),
        "scheduleId" => "concertScheduleId".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_the_request_names_them() {
        assert_eq!(camel_case("policy.claim_window_ms"), "policy.claimWindowMs");
        assert_eq!(camel_case("cursor"), "cursor");
        assert_eq!(camel_case("from_ms"), "from");
        assert_eq!(camel_case("named.seat_nos"), "seatIds");
        assert_eq!(camel_case("schedule_id"), "concertScheduleId");
    }
}
