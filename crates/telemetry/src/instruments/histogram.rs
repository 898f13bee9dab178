use std::{marker::PhantomData, time::Duration};

use opentelemetry::metrics::Histogram as Inner;

use super::Labels;

/// Sorts something by size. Clones share what was sorted.
#[derive(Clone, Debug)]
pub struct Histogram<L> {
    inner: Inner<f64>,
    labels: PhantomData<fn(L)>,
}

impl<L: Labels> Histogram<L> {
    pub(super) const fn new(inner: Inner<f64>) -> Self {
        Self { inner, labels: PhantomData }
    }

    /// Notes how long something took, in an instrument of seconds.
    pub fn took(&self, time: Duration, labels: L) {
        self.record(time.as_secs_f64(), labels);
    }

    /// Notes how much something was.
    pub fn record(&self, value: f64, labels: L) {
        self.inner.record(value, &labels.pairs());
    }
}
