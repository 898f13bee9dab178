use std::marker::PhantomData;

use opentelemetry::metrics::Gauge as Inner;

use super::Labels;

/// Keeps the value of something. Clones share it.
#[derive(Clone, Debug)]
pub struct Gauge<L> {
    inner: Inner<f64>,
    labels: PhantomData<fn(L)>,
}

impl<L: Labels> Gauge<L> {
    pub(super) const fn new(inner: Inner<f64>) -> Self {
        Self { inner, labels: PhantomData }
    }

    /// Sets the value of these labels.
    pub fn set(&self, value: f64, labels: L) {
        self.inner.record(value, &labels.pairs());
    }
}
