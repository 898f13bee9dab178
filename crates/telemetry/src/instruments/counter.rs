use std::marker::PhantomData;

use opentelemetry::metrics::Counter as Inner;

use super::Labels;

/// Counts something. Clones share the count.
#[derive(Clone, Debug)]
pub struct Counter<L> {
    inner: Inner<u64>,
    labels: PhantomData<fn(L)>,
}

impl<L: Labels> Counter<L> {
    /// With each known combination of labels at zero.
    pub(super) fn new(inner: Inner<u64>) -> Self {
        for labels in L::known() {
            inner.add(0, &labels.pairs());
        }
        Self { inner, labels: PhantomData }
    }

    /// Adds to the count of these labels. Where they are not known beforehand, 0 makes the count be there.
    pub fn add(&self, count: u64, labels: L) {
        self.inner.add(count, &labels.pairs());
    }
}
