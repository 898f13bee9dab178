//! What a run leaves behind: a folder `results/<test id>/`, one type for each of its files.
//!
//! | file | what it is | written by |
//! |---|---|---|
//! | `run.json` | what was run, where, against what: [`Run`] | the runner, at the end |
//! | `summary.json` | every metric of k6, as k6 tells it: [`Summary`] | the scenario |
//! | `samples.jsonl` | each second, what processes used and the room: [`Sample`] | the runner, as it goes |
//! | `events.jsonl` | phases and faults, when they began: [`Event`] | the runner, as it goes |
//! | `series.json` | what Prometheus kept of the run, where there was one: [`Series`] | the runner, at the end |
//! | `findings.json` | what Redis and Postgres hold against what has to hold: [`Finding`](onsale_stack::invariants::Finding) | the runner, at the end |
//! | `verdict.json` | whether it can be believed, and whether it passed: [`Verdict`] | the runner, last |
//! | `capacity.json` | a search for the highest rate, of which each step is a run of its own: [`Capacity`] | the search, after each step |
//! | `k6.log` | what the generator said | the generator |
//!
//! Times are Unix milliseconds of the machine that the generator is on, unless a name says otherwise.

mod capacity;
mod event;
mod run;
mod sample;
mod series;
mod summary;
mod verdict;

pub use capacity::{BoundBy, Capacity, Found, Held, Measured, Phase, ProcessUse, Spread, Step, Use};
pub use event::{Event, What};
pub use run::{Environment, Generator, Offered, Run};
pub use sample::{Machine, Process, Room, Sample};
pub use series::{Line, Series};
pub use summary::{Metric, Summary, Threshold};
pub use verdict::{Check, Outcome, Verdict};
