//! Onsale end to end: every program as a process, on a real Redis and a real Postgres, over HTTP and gRPC.
//!
//! Needs the programs built (`cargo build --workspace --bins`, which `deploy/test` does). Where `DATABASE_URL` names
//! a Postgres, as under `onsale-stack with-postgres`, the demo's concerts are loaded there once and shared by the
//! tests; otherwise each test starts a Postgres of its own, which takes longer.

#![cfg(test)]

mod answer;
mod api;
mod bad_input;
mod collector;
mod copies;
mod crowd;
mod database;
mod documents;
mod forgery;
mod freshness;
mod gateways;
mod guarding;
mod identity;
mod internal_callers;
mod inventory;
mod metrics;
mod observed;
mod onsale;
mod original_clients;
mod pointers;
mod policy_table;
mod postgres_away;
mod redis_away;
mod selling;
mod selling_faults;
mod services_away;
mod shop;
mod together;
mod tokens;
mod told_apart;
mod trace;
mod typed;
mod visit;
mod wait;
mod waiting;
