//! The catalog on a real Postgres, over real gRPC. `DATABASE_URL` names the server; each test has
//! a database of its own there.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as expected"
)]

mod bad_input;
mod best_available;
mod block;
mod check;
mod clock_steps;
mod concerts;
mod copies;
mod crash;
mod demo;
mod events;
mod expiry;
mod fixture;
mod holding;
mod import;
mod keys;
mod limits;
mod link;
mod looking;
mod measuring;
mod outage;
mod paying;
mod plan;
mod predicate;
mod program;
mod renewal;
mod retention;
mod running;
mod sales_away;
mod schedules;
mod seat_view;
mod seats;
mod selling;
mod server;
mod spans;
mod statements;
mod storm;
mod sweeper;
mod versions;
