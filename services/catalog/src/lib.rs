//! The seat catalog: concerts, their schedules and the seats of each, kept in Postgres and told
//! over gRPC.
//!
//! ```text
//! grpc ──► reading, sales ──► domain
//!              │                 ▲
//!              ▼                 │
//!            store (ports) ──────┴─── store::postgres
//! ```
//!
//! [`domain`] says what things are and what may be asked; it is pure. [`reading`] and [`sales`] have
//! one use case a file, on the ports [`store::CatalogStore`] and [`store::SalesStore`].
//! [`store::postgres`] is the only place that knows SQL, [`grpc`] the only one that knows the
//! contract. [`Catalog`] puts them together.
//!
//! Beside that, the house brings in its own concerts, halls and schedules ([`house`]), and reads what happened to their
//! seats ([`events`]). Each copy takes part in the upkeep: `sweeping` notes which holds have ended,
//! [`retention`] forgets what is old, and `checking` looks whether what must hold does. Nobody's hold depends on any of
//! them. What is measured is defined in [`metrics`], all of it.
//!
//! What holds, whatever the load: an answer is one snapshot of one statement, and what is free in
//! it was free at one instant of the store's clock; a call ends by its deadline; an outage of the
//! store is `UNAVAILABLE` with a hint when to try again, and its end is noticed without a restart.

mod catalog;
mod checking;
mod config;
pub mod demo;
pub mod domain;
pub mod events;
pub mod grpc;
pub mod house;
pub mod metrics;
pub mod reading;
pub mod retention;
pub mod sales;
pub mod seat_view;
pub mod store;
mod sweeping;
mod watch;

pub use catalog::Catalog;
pub use config::{Config, DatabaseConfig, SeatViewConfig, Task};
