//! The chapters of a report, in the order of a reader's questions: may it be trusted, where was it, what was seen, and what
//! is not known.

mod capacity;
mod closed;
mod compared;
mod endpoints;
mod environment;
mod faults;
mod growth;
mod invariants;
mod missing;
mod overload;
mod trust;

pub(crate) use capacity::capacity;
pub(crate) use closed::closed;
pub(crate) use compared::compared;
pub(crate) use endpoints::endpoints;
pub(crate) use environment::environment;
pub(crate) use faults::faults;
pub(crate) use growth::growth;
pub(crate) use invariants::invariants;
pub(crate) use missing::missing;
pub(crate) use overload::overload;
pub(crate) use trust::trust;
