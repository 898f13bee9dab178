use std::time::Duration;

use crate::selling::Refusal;

/// Which service a call went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    /// The waiting rooms.
    Queue,
    /// The concerts, schedules and seats.
    Catalog,
}

impl Service {
    /// The service's name in logs, metrics, readiness and problems.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Catalog => "catalog",
        }
    }
}

/// Why a call to a service has no answer: a closed list, made from gRPC codes in one place (`upstream/fault.rs`)
/// and turned into problems in one (`http/problem/failure.rs`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// A field is missing or out of range.
    #[error("invalid argument {field:?}: {reason}")]
    InvalidArgument {
        /// The field's name in the call, where the service says it: `policy.claim_window_ms`.
        field: Option<String>,
        /// What is wrong with it, for whoever called.
        reason: String,
    },
    /// The queue token is not accepted.
    #[error("the token is not accepted")]
    Unauthenticated,
    /// A reset ended the queue token's epoch.
    #[error("the token is of an epoch that has ended")]
    EndedEpoch,
    /// The thing that the call is about does not exist.
    #[error("not found: {what:?}")]
    NotFound {
        /// What does not exist, where the service says it: `concert`, `schedule`, `section`, `room`.
        what: Option<String>,
    },
    /// The thing is not in a state for the call.
    #[error("refused: {reason}")]
    Refused {
        /// What the service says.
        reason: String,
    },
    /// The catalog refuses something about a hold or a sale.
    #[error(transparent)]
    NotSold(Refusal),
    /// Somebody else was first.
    #[error("conflict")]
    Conflict,
    /// The service has too much to do.
    #[error("the {} service is overloaded", service.name())]
    Overloaded {
        /// Which one.
        service: Service,
        /// When to try again, where the service says it.
        retry_after: Option<Duration>,
    },
    /// The service, or what it needs, is away.
    #[error("the {} service is away", service.name())]
    Unavailable {
        /// Which one.
        service: Service,
        /// When to try again, where the service says it.
        retry_after: Option<Duration>,
    },
    /// The service did not answer in time.
    #[error("the {} service took too long", service.name())]
    TooSlow {
        /// Which one.
        service: Service,
    },
    /// The service is broken, or speaks another language.
    #[error("the {} service answered wrongly: {reason}", service.name())]
    Broken {
        /// Which one.
        service: Service,
        /// For the log.
        reason: String,
    },
}

impl Failure {
    /// A service is away, and says nothing of when it will be back.
    pub(crate) const fn away(service: Service) -> Self {
        Self::Unavailable { service, retry_after: None }
    }

    /// A field of an answer is missing or out of range.
    pub(crate) fn wrong_answer(service: Service, field: &'static str) -> Self {
        Self::Broken { service, reason: format!("{field} is missing or out of range") }
    }
}
