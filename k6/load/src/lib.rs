//! Load tests of Onsale: what `k6/run`, `k6/capacity` and `k6/report` do.
//!
//! A *run* is one execution of a scenario against one Onsale. Whoever reads its result must be able to trust it, so that
//! a run goes through the same steps each time:
//!
//! 1. the target is found, asked whether it is ready, and given a room and seats of the run's own;
//! 2. the generator offers the load, while each process' use of the machine and the room are written down at least once a
//!    second;
//! 3. Redis and Postgres are asked whether what always has to hold does;
//! 4. *validity* is judged, and only then success: a run whose generator could not offer what it says is neither passed nor
//!    failed.
//!
//! Everything that was seen is kept as it was under `results/<test id>/`; see [`results`].

pub mod capacity;
pub mod command;
pub mod compare;
pub mod environment;
pub mod fault;
pub mod generator;
pub mod judge;
pub mod overload;
pub mod prepare;
pub mod report;
pub mod results;
pub mod run;
pub mod sampling;
pub mod scenario;
pub mod series;
