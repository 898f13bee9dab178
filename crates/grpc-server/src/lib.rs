//! What every gRPC server of Onsale's is made of.
//!
//! [`Calls`] is what all calls have in common: each is refused at once when too
//! many are in flight, ends by its deadline, and is counted and timed. [`serve`]
//! is what all servers have in common: trace context, keep-alive, the health
//! protocol, reflection, and an end that lets calls finish. [`status`] has the
//! answers that mean the same whatever was asked.

mod calls;
mod deadline;
mod metrics;
mod serve;
pub mod status;

pub use calls::Calls;
pub use serve::{ServeError, serve};
