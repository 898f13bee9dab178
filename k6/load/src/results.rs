//! What a run leaves behind: a folder `results/<test id>/`. Each file whose form is ours has one type.
//!
//! | file | what it is | written by |
//! |---|---|---|
//! | `run.json` | what was run, where, against what: [`Run`] | the runner, at the end |
//! | `summary.json` | every metric of k6, as k6 tells it: [`Summary`] | the scenario |
//! | `samples.jsonl` | at least once a second, what processes used and the room: [`Sample`] | the runner, as it goes |
//! | `events.jsonl` | phases and faults, when they began: [`Event`] | the runner, as it goes |
//! | `series.json` | what Prometheus kept of the run, where there was one: [`Series`] | the runner, at the end |
//! | `series-missing.json` | a text: why that could not be had | the runner, at the end |
//! | `findings.json` | what Redis and Postgres hold against what has to hold: [`Finding`](onsale_stack::invariants::Finding) | the runner, at the end |
//! | `verdict.json` | whether it can be believed, and whether it passed: [`Verdict`] | the runner, last |
//! | `k6.log` | what k6 said | k6 |
//! | `oha.json`, `settings.json` | what oha said, and the rate and seconds that it was told | the runner, at the end |
//! | `overload.json` | what came of more load than the system bears: [`Overload`] | the runner, at the end |
//! | `wrk.lua`, `wrk.txt` | what wrk was told, and what it said | the runner, before and after |
//! | `report/` | a report: see [`report`](crate::report) | `k6/report` |
//!
//! Runs of one search, or of one comparison, are in a folder `results/<its name>/`, beside what came of it:
//!
//! | file | what it is | written by |
//! |---|---|---|
//! | `capacity.json` | a search for the highest rate, of which each step is a run of its own: [`Capacity`] | the search, after each step |
//! | `compare.json` | what a closed loop measured of each call: [`Compared`] | the comparison, at the end |
//!
//! Times are Unix milliseconds of the machine that the generator is on, unless a name says otherwise.

mod capacity;
mod compared;
mod event;
mod overload;
mod run;
mod sample;
mod series;
mod summary;
mod verdict;

pub use capacity::{BoundBy, Capacity, Found, Held, Measured, Phase, ProcessUse, Spread, Step, Use};
pub use compared::Compared;
pub use event::{Event, What};
pub use overload::{Moment, Overload, Part};
pub use run::{Environment, Generator, Offered, Run};
pub use sample::{Machine, Process, Room, Sample, program};
pub use series::{Line, Series};
pub use summary::{Metric, Summary, Threshold};
pub use verdict::{Check, Outcome, Verdict};
