//! The waiting room: puts a crowd in a fair line and lets in as many as the house can serve.
//!
//! **Numbers and one counter.** Who joins gets a number, once, never changed, in a signed
//! token. What changes is one value for the whole room, `serving`: the highest number called
//! in. Where somebody stands is a subtraction, so waiting costs nothing, however many wait.
//!
//! **Soft release, hard claim.** A tick calls as many as the free slots are worth, given how
//! many of the called come ([`domain::plan`]); who is called takes a slot by coming, and the
//! claim is where capacity is enforced. So slots stay near full though some never come, and
//! nobody is over-admitted though all of them may.
//!
//! **No leader.** What to call is a function of stored time; any copy may tick, and ten call
//! what one would. Everything that must be atomic is one script (`scripts/`).
//!
//! **Redis may forget.** A crash or a failover puts a room back. Scripts are made for one run
//! of the server and refuse another; before the line goes on under a new run, copies and
//! gateways hand in what they saw handed out, and the numbers in between are skipped.
//!
//! Layers: [`grpc`] → [`waiting_room`] (use cases) → [`domain`] (pure) ← [`store`] (Redis).

mod config;
pub mod domain;
pub mod grpc;
mod metrics;
mod queue;
pub mod store;
pub mod waiting_room;

pub use config::{Config, Task};
pub use queue::Queue;
