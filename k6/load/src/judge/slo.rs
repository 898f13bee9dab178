use std::collections::BTreeMap;

use serde::Deserialize;

/// What is promised of a call at the declared average load.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slo {
    /// Milliseconds within which 95 % are answered.
    pub p95_ms: f64,
    /// Milliseconds within which 99 % are answered.
    pub p99_ms: f64,
    /// The share that may go wrong.
    pub error_share: f64,
}

/// What is promised of all calls, by name: `slo.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Slos(BTreeMap<String, Slo>);

impl Slos {
    /// Those of `k6/slo.json`. None where the file is not what it should be, so that no run about a call is valid.
    #[must_use]
    pub fn ours() -> Self {
        serde_json::from_str(include_str!("../../../slo.json")).unwrap_or_default()
    }

    /// Those of one call.
    #[must_use]
    pub fn of(&self, call: &str) -> Option<&Slo> {
        self.0.get(call)
    }

    /// The calls that something is promised of.
    pub fn calls(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_four_and_of_buying_has_objectives() {
        for call in ["token", "status", "schedules", "seats", "hold", "confirm"] {
            let slo = Slos::ours().of(call).copied().unwrap();
            assert!(
                slo.p95_ms > 0.0 && slo.p95_ms < slo.p99_ms && slo.error_share <= 0.001,
                "{call}: {slo:?}"
            );
        }
    }
}
