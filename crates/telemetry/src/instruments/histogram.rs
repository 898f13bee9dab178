use std::time::Duration;

use opentelemetry::metrics::{BoundHistogram, Histogram as Inner};

use super::{Labels, bound::Bound};

/// Sorts something by size. Clones share what was sorted.
#[derive(Clone, Debug)]
pub struct Histogram<L> {
    inner: Inner<f64>,
    bound: Bound<L, BoundHistogram<f64>>,
}

impl<L: Labels> Histogram<L> {
    pub(super) fn new(inner: Inner<f64>) -> Self {
        Self { inner, bound: Bound::new() }
    }

    /// Notes how long something took, in an instrument of seconds.
    pub fn took(&self, time: Duration, labels: L) {
        self.record(time.as_secs_f64(), labels);
    }

    /// Notes how much something was.
    pub fn record(&self, value: f64, labels: L) {
        self.bound.tell(labels, |pairs| self.inner.bind(pairs), |series| series.record(value));
    }
}
