use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What Prometheus kept of a run: `series.json`. Client and server are on one time axis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Seconds between two values of a line.
    pub step_seconds: f64,
    /// By what was asked: `client_p99`, `server_p99`, `view_age`, …
    pub lines: BTreeMap<String, Vec<Line>>,
}

/// One series of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What tells it from the others of the same question: `{"name": "token"}`.
    pub labels: BTreeMap<String, String>,
    /// Unix milliseconds and value; instants without a value are left out.
    pub values: Vec<(u64, f64)>,
}
