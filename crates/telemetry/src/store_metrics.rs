//! What is measured of a store: each script and each statement, by its name and by what became of it.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use opentelemetry::Value;

use crate::{Histogram, Instruments, Label, label};

label! {
    /// Which store it is.
    pub enum StoreSystem: "db.system.name" {
        /// Redis, below the queue.
        Redis = "redis",
        /// Postgres, below the catalog.
        Postgres = "postgresql",
    }
}

label! {
    /// What became of an operation.
    pub enum StoreFault: "error.type" {
        /// It was answered. Prometheus drops a label that is empty.
        None = "",
        /// The store cannot be reached, or did not answer in time, or cannot serve just now.
        Away = "away",
        /// Another call has what this one needs.
        Busy = "busy",
        /// The store does what was asked, and says no: the room is in another epoch.
        Refused = "refused",
        /// What the store answers makes no sense.
        Broken = "broken",
        /// Whoever asked waits no longer: its own time was over first.
        Abandoned = "abandoned",
    }
}

/// The name of a script or statement: a text of the program's own, so there are as many as were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Operation(&'static str);

impl Label for Operation {
    const KEY: &'static str = "db.operation.name";

    fn value(self) -> Value {
        self.0.into()
    }
}

/// Times what a store is asked. Clones share the instrument.
#[derive(Clone, Debug)]
pub struct StoreMetrics {
    system: StoreSystem,
    duration: Histogram<(StoreSystem, Operation, StoreFault)>,
}

impl StoreMetrics {
    /// Makes the instrument.
    #[must_use]
    pub fn new(instruments: &Instruments, system: StoreSystem) -> Self {
        let duration = instruments.durations(
            "db.client.operation.duration",
            "How long a script or a statement took, by name and by what became of it",
        );
        Self { system, duration }
    }

    /// Times an operation of that name. One that is dropped before its end counts as abandoned: without it, what takes
    /// longer than its callers wait would not be seen.
    ///
    /// # Errors
    /// The work's.
    pub async fn timed<T, E>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E>
    where
        for<'a> StoreFault: From<&'a E>,
    {
        let mut running =
            Running { metrics: self, name, fault: StoreFault::Abandoned, began: Instant::now() };
        let outcome = work.await;
        running.fault = outcome.as_ref().err().map_or(StoreFault::None, StoreFault::from);
        outcome
    }

    /// Notes an operation that was timed otherwise.
    pub fn ended(&self, name: &'static str, fault: StoreFault, took: Duration) {
        self.duration.took(took, (self.system, Operation(name), fault));
    }
}

/// An operation that is noted when it ends, however it does.
struct Running<'a> {
    metrics: &'a StoreMetrics,
    name: &'static str,
    fault: StoreFault,
    began: Instant,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.metrics.ended(self.name, self.fault, self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    struct Away;

    impl From<&Away> for StoreFault {
        fn from(_: &Away) -> Self {
            Self::Away
        }
    }

    fn seen(metrics: &Metrics, fault: &str) -> bool {
        let labels = format!("db_operation_name=\"join\",db_system_name=\"redis\",error_type=\"{fault}\"");
        let series = format!("db_client_operation_duration_seconds_count{{{labels}}} 1\n");
        metrics.render().unwrap().contains(&series)
    }

    #[tokio::test]
    async fn an_operation_counts_by_what_became_of_it() {
        let metrics = Metrics::new("onsale-test").unwrap();
        let store = StoreMetrics::new(&Instruments::new(metrics.meter()), StoreSystem::Redis);

        assert!(store.timed("join", async { Ok::<_, Away>(7) }).await.is_ok_and(|seven| seven == 7));
        assert!(seen(&metrics, "") && !seen(&metrics, "away"));

        assert!(store.timed("join", async { Err::<(), _>(Away) }).await.is_err());
        assert!(seen(&metrics, "away") && !seen(&metrics, "abandoned"));

        let never = store.timed("join", std::future::pending::<Result<(), Away>>());
        assert!(tokio::time::timeout(Duration::ZERO, never).await.is_err());
        assert!(seen(&metrics, "abandoned"));
    }
}
