use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was seen at one instant: a line of `samples.jsonl`. Counters count from the start of each process, so that the
/// difference of two samples is what was used between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When, in Unix milliseconds.
    pub at: u64,
    /// The same instant on a clock that is never set, in milliseconds since the run began.
    pub since_start_ms: u64,
    /// By name: `k6`, `redis`, `postgres`, `gateway-1`, `queue-1`, …; what is on another machine is missing.
    pub processes: BTreeMap<String, Process>,
    /// The machine that the generator is on.
    pub machine: Machine,
    /// The run's room; `None` while the gateway did not answer.
    pub room: Option<Room>,
}

/// What a process and its descendants used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Seconds on a processor.
    pub cpu_seconds: f64,
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
    /// Seconds for which threads that could run waited for a processor, summed over threads.
    pub delay_seconds: f64,
}

impl Process {
    /// Resident memory, in MiB.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "bytes of a process are far from 2^53")]
    pub fn resident_mebibytes(&self) -> f64 {
        self.resident_bytes as f64 / 1_048_576.0
    }
}

/// The program that a process is of: copies are one, and `gateway-2` is `gateway`.
#[must_use]
pub fn program(process: &str) -> &str {
    let is_number = |end: &str| !end.is_empty() && end.chars().all(|digit| digit.is_ascii_digit());
    process.rsplit_once('-').filter(|(_, end)| is_number(end)).map_or(process, |(start, _)| start)
}

/// What the machine's processors did, summed over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Seconds of work.
    pub busy_seconds: f64,
    /// Seconds in which they were to work, and a host gave them to another machine. Part of the total.
    #[serde(default)]
    pub stolen_seconds: f64,
    /// Seconds of work and of rest.
    pub total_seconds: f64,
}

/// What an operator sees of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// The highest number issued.
    pub last_number: u64,
    /// The highest number called.
    pub serving: u64,
    /// Sessions.
    pub active: u64,
    /// Called and present without a slot.
    pub ready: u64,
}
