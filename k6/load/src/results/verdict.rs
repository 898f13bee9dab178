use serde::{Deserialize, Serialize};

/// What is to be made of a run: `verdict.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The word on it.
    pub outcome: Outcome,
    /// Whether the run can be believed. Where one of these does not hold, the rest says nothing about the system.
    pub validity: Vec<Check>,
    /// What was promised, and whether it was kept: thresholds, unexpected answers, bodies.
    pub objectives: Vec<Check>,
    /// What always has to hold: in the stores, in the room, in what visitors saw.
    pub invariants: Vec<Check>,
}

/// The word on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It can be believed, and everything held.
    Passed,
    /// It can be believed, and something did not hold. Or something that always has to hold did not, which is believed of
    /// any run.
    Failed,
    /// It cannot be believed.
    NotValid,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What: `dropped iterations`, `token p(95)`, `I5`.
    pub name: String,
    /// What has to be: `0`, `≤ 50 ms`.
    pub limit: String,
    /// What was seen: `3.8 ms`.
    pub seen: String,
    /// Whether it held.
    pub holds: bool,
}
