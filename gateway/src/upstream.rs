//! The services behind the gateway: which copy is called, what its answer means, and nothing about rooms or seats.
//!
//! gRPC types stay in here: each client turns domain values into messages and back.

mod admin;
mod balance;
mod catalog;
mod connect;
mod copies;
mod fault;
mod health;
mod queue;
mod sales;
mod seat_view;

pub(crate) use admin::AdminClient;
pub(crate) use catalog::CatalogClient;
pub use connect::ConnectError;
pub(crate) use connect::{TrustedRoots, connect};
pub(crate) use copies::Copies;
#[cfg(test)]
pub(crate) use fault::failure_of;
pub(crate) use health::watch;
pub(crate) use queue::QueueClient;
pub(crate) use sales::SalesClient;
pub(crate) use seat_view::SeatViewClient;
