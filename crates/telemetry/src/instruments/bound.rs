use std::{collections::HashMap, fmt, sync::Arc};

use arc_swap::ArcSwap;
use opentelemetry::KeyValue;
use rustc_hash::FxBuildHasher;

use super::Labels;

/// An instrument's series, each found by its labels' values. Clones share them.
///
/// OpenTelemetry finds a series by text: it makes a list of the labels, sorts it and hashes it, each time that something is told. Here
/// labels are values of few, so that a series is bound once, and from then on found by them (the specification's "Bind", which is
/// still experimental).
pub(super) struct Bound<L, S> {
    series: Arc<ArcSwap<HashMap<L, S, FxBuildHasher>>>,
}

impl<L: Labels, S: Clone> Bound<L, S> {
    /// None is bound yet.
    pub(super) fn new() -> Self {
        Self { series: Arc::default() }
    }

    /// Tells the series of these labels, which is bound where it was not.
    pub(super) fn tell(&self, labels: L, bind: impl FnOnce(&[KeyValue]) -> S, tell: impl FnOnce(&S)) {
        if let Some(bound) = self.series.load().get(&labels) {
            return tell(bound);
        }
        let bound = bind(&labels.pairs());
        tell(&bound);
        self.series.rcu(|series| {
            let mut with_this = HashMap::clone(series);
            with_this.insert(labels, bound.clone());
            with_this
        });
    }
}

impl<L, S> Clone for Bound<L, S> {
    fn clone(&self) -> Self {
        Self { series: Arc::clone(&self.series) }
    }
}

impl<L, S> fmt::Debug for Bound<L, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bound").field("series", &self.series.load().len()).finish()
    }
}
