//! What a waiting room is, without Redis, clocks or chance: policies, and what a tick decides.

mod check;
mod departures;
mod policy;
mod shows;
mod tick;
mod waits;

pub use check::{Finding, RoomFacts, SessionFacts};
pub use departures::Departures;
pub use policy::{MAX_POLL_INTERVAL, Policy, PolicyError};
pub use shows::Shows;
pub use tick::{Cohort, Head, Plan, Snapshot, plan, view};
pub use waits::{Kept, Waited, Waits};
