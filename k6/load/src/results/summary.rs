use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every metric of a run as k6 tells it at the end: `summary.json`, which is what `handleSummary` is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// By name; what is told of a part of a metric has its tags in the name: `http_req_duration{name:token}`.
    pub metrics: BTreeMap<String, Metric>,
}

/// One metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// `counter`, `gauge`, `rate` or `trend`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `count` and `rate` of a counter; `value`, `min`, `max` of a gauge; `rate`, `passes`, `fails` of a rate; `avg`, `p(95)`, …
    /// of a trend, in milliseconds where it holds times.
    pub values: BTreeMap<String, f64>,
    /// The thresholds on it, and whether they held.
    #[serde(default)]
    pub thresholds: BTreeMap<String, Threshold>,
}

/// Whether a threshold held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// It did.
    pub ok: bool,
}

impl Summary {
    /// A value of a metric: `value("http_reqs", "count")`; `None` where there is no such metric, which is not zero.
    #[must_use]
    pub fn value(&self, metric: &str, value: &str) -> Option<f64> {
        self.metrics.get(metric)?.values.get(value).copied()
    }
}
