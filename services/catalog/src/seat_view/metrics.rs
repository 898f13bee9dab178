use std::time::Duration;

use onsale_telemetry::Meter;
use opentelemetry::metrics::{Counter, Histogram};

/// What keeping views costs.
#[derive(Clone, Debug)]
pub struct SeatViewMetrics {
    /// `onsale.catalog.seat_view.refresh.duration` in seconds.
    refreshes: Histogram<f64>,
    /// `onsale.catalog.seat_view.refresh.failed`.
    failed: Counter<u64>,
    /// `onsale.catalog.seat_view.loads`.
    loads: Counter<u64>,
}

impl SeatViewMetrics {
    /// The instruments of a meter.
    #[must_use]
    pub fn new(meter: &Meter) -> Self {
        Self {
            refreshes: meter
                .f64_histogram("onsale.catalog.seat_view.refresh.duration")
                .with_unit("s")
                .with_description("How long asking the store for what changed took")
                .with_boundaries(vec![0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25])
                .build(),
            failed: meter
                .u64_counter("onsale.catalog.seat_view.refresh.failed")
                .with_description("Refreshes that the store did not answer in time")
                .build(),
            loads: meter
                .u64_counter("onsale.catalog.seat_view.loads")
                .with_description("Schedules that were read as a whole")
                .build(),
        }
    }

    pub(super) fn refreshed(&self, took: Duration) {
        self.refreshes.record(took.as_secs_f64(), &[]);
    }

    pub(super) fn refresh_failed(&self) {
        self.failed.add(1, &[]);
    }

    pub(super) fn loaded(&self) {
        self.loads.add(1, &[]);
    }
}
