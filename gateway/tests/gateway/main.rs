//! The gateway over HTTP, with peers that speak the real gRPC contracts and answer as each test wants.
//!
//! The services themselves take part in the end-to-end tests of the workspace; here it matters what the gateway
//! asks, how often, and what it makes of the answers and of silence.

#![cfg(test)]

mod access_tokens;
mod admin;
mod bad_input;
mod bounded;
mod collector;
mod documents;
mod fake_catalog;
mod fake_queue;
mod fake_sales;
mod fake_seats;
mod faults;
mod holding;
mod identity;
mod join;
mod layers;
mod logs;
mod measured;
mod peer;
mod program;
mod reading;
mod seats;
mod selling;
mod sessions;
mod stale;
mod status;
mod tokens;
mod traces;
mod world;
