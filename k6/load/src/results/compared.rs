use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Environment;
use crate::generator::wrk::Closed;

/// What a closed loop measured of each call: `compare.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The version of wrk.
    pub version: String,
    /// From how many connections.
    pub connections: usize,
    /// Each time's figures, by call.
    pub calls: BTreeMap<String, Vec<Closed>>,
    /// Where everything ran.
    pub environment: Environment,
}
