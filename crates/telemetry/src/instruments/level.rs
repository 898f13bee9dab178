use opentelemetry::metrics::UpDownCounter as Inner;

/// Keeps how many of something there are. Clones, and all that are made by the same name, share the number.
#[derive(Clone, Debug)]
pub struct Level {
    inner: Inner<i64>,
}

/// One of what a [`Level`] counts, until it is dropped.
#[derive(Debug)]
#[must_use = "it counts for as long as it is kept"]
pub struct Within(Inner<i64>);

impl Level {
    /// At zero, which it says from the start.
    pub(super) fn new(inner: Inner<i64>) -> Self {
        inner.add(0, &[]);
        Self { inner }
    }

    /// Counts one more, until what is returned is dropped.
    pub fn enter(&self) -> Within {
        self.inner.add(1, &[]);
        Within(self.inner.clone())
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        self.0.add(-1, &[]);
    }
}
