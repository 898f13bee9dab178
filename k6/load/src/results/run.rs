use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was run, where, and against what: `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The name of the run, and of its folder.
    pub test_id: String,
    /// The scenario's name, as it is typed.
    pub scenario: String,
    /// The question that the scenario answers.
    pub question: String,
    /// When the generator was started, in Unix milliseconds.
    pub began_at: u64,
    /// When it had ended.
    pub ended_at: u64,
    /// What the scenario was told: `RATE`, `DURATION`, `SEED`, …
    pub settings: BTreeMap<String, String>,
    /// What it was to offer.
    pub offered: Vec<Offered>,
    /// The calls whose objectives the run is about: names of `slo.json`.
    pub calls: Vec<String>,
    /// Counters that prove that the run did what it is about, and have to be above zero.
    pub proves: Vec<String>,
    /// Who made the load.
    pub generator: Generator,
    /// Where everything ran.
    pub environment: Environment,
}

/// A plateau of an open model: iterations begin at this rate whether or not earlier ones have ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offered {
    /// The generator's name of it: a scenario within the script.
    pub scenario: String,
    /// Iterations a second.
    pub rate: f64,
    /// For how long, in seconds.
    pub seconds: f64,
}

/// Who made the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generator {
    /// `k6`, `oha` or `wrk`.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// How it ended.
    pub exit_status: i32,
    /// The processors that it may use.
    pub cpus: Vec<usize>,
}

/// Where everything ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The processor's name.
    pub processor: String,
    /// How many processors the machine has.
    pub processors: usize,
    /// Its memory, in bytes.
    pub memory_bytes: u64,
    /// The kernel's version.
    pub kernel: String,
    /// The commit of what was tested, with `-dirty` where files differed from it; empty where that is not known.
    pub commit: String,
    /// How many copies of the gateway, the queue and the catalog there were.
    pub copies: [usize; 3],
    /// Versions of the stores: `redis`, `postgres`.
    pub stores: BTreeMap<String, String>,
    /// Whether generator and servers share a machine.
    pub is_shared: bool,
    /// The processors that the servers may use, where they were pinned.
    pub servers_on: Vec<usize>,
}
