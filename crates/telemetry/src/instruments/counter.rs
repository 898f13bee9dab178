use opentelemetry::metrics::{BoundCounter, Counter as Inner};

use super::{Labels, bound::Bound};

/// Counts something. Clones share the count.
#[derive(Clone, Debug)]
pub struct Counter<L> {
    inner: Inner<u64>,
    bound: Bound<L, BoundCounter<u64>>,
}

impl<L: Labels> Counter<L> {
    /// With each known combination of labels at zero.
    pub(super) fn new(inner: Inner<u64>) -> Self {
        let counter = Self { inner, bound: Bound::new() };
        for labels in L::known() {
            counter.add(0, labels);
        }
        counter
    }

    /// Adds to the count of these labels. Where they are not known beforehand, 0 makes the count be there.
    pub fn add(&self, count: u64, labels: L) {
        self.bound.tell(labels, |pairs| self.inner.bind(pairs), |series| series.add(count));
    }
}
