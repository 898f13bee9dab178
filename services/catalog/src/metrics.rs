//! What is measured of the catalog. Each instrument is defined here, and nowhere else; labels are closed by their types.

mod labels;
mod operating;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::Weak,
    time::{Duration, Instant},
};

use onsale_seat_view::Tally;
use onsale_telemetry::{Counter, Few, FewId, Gauge, Histogram, Instruments, StoreMetrics, StoreSystem};

pub use labels::{ConnectionState, Look, Operation, Outcome, SeatStanding};
pub use operating::Answered;

use labels::Concert;

use crate::{domain::Invariant, seat_view::SeatViews};

/// So many concerts are told apart; a house has a few on sale at once.
const CONCERTS: usize = 100;

/// What becomes of operations on seats.
#[derive(Clone, Debug)]
pub struct SalesMetrics {
    operations: Counter<(Operation, Outcome)>,
    duration: Histogram<Operation>,
    seats_changed: Counter<Operation>,
}

impl SalesMetrics {
    /// Makes the instruments.
    #[must_use]
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            operations: instruments.counter(
                "onsale.catalog.operations",
                "Operations on seats, by what became of them; each call of a client once, however often it was tried \
                 inside",
            ),
            duration: instruments.durations(
                "onsale.catalog.operation.duration",
                "How long an operation on seats took, whatever became of it",
            ),
            seats_changed: instruments.counter(
                "onsale.catalog.seats.changed",
                "Seats that operations have changed; answers that were given again changed none",
            ),
        }
    }
}

/// What keeping views costs.
#[derive(Clone, Debug)]
pub struct SeatViewMetrics {
    refreshes: Histogram<()>,
    failed: Counter<()>,
    loads: Counter<()>,
}

impl SeatViewMetrics {
    /// Makes the instruments.
    #[must_use]
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            refreshes: instruments.durations(
                "onsale.catalog.seat_view.refresh.duration",
                "How long it took to ask the store what has changed and to bring all views up to it",
            ),
            failed: instruments.counter(
                "onsale.catalog.seat_view.refresh.failed",
                "Refreshes that the store did not answer in time",
            ),
            loads: instruments
                .counter("onsale.catalog.seat_view.loads", "Schedules that were read as a whole"),
        }
    }

    pub(crate) fn refreshed(&self, took: Duration) {
        self.refreshes.took(took, ());
    }

    pub(crate) fn refresh_failed(&self) {
        self.failed.add(1, ());
    }

    pub(crate) fn loaded(&self) {
        self.loads.add(1, ());
    }
}

/// Has the views themselves told of whenever metrics are read. Costs by blocks of 512 seats, not by seats.
pub fn watch_views(instruments: &Instruments, views: &Weak<SeatViews>) {
    let watched = views.clone();
    instruments.watched_gauge(
        "onsale.catalog.seat_view.watched",
        "",
        "Schedules that somebody watches, and whose views are kept young",
        move || vec![((), count(watched.upgrade().map_or(0, |views| views.watched())))],
    );
    let aged = views.clone();
    instruments.watched_gauge(
        "onsale.catalog.seat_view.age",
        "s",
        "How old the oldest of the watched views is; 0 where none is watched",
        move || {
            let age = aged.upgrade().map_or(Duration::ZERO, |views| views.oldest_age(Instant::now()));
            vec![((), age.as_secs_f64())]
        },
    );
    let (concerts, counted) = (Few::new(CONCERTS), views.clone());
    instruments.watched_gauge(
        "onsale.catalog.seats",
        "",
        "Seats of the watched schedules, by concert and by how they stand",
        move || seats(&concerts, counted.upgrade().map(|views| views.tallies(Instant::now()))),
    );
}

/// Concerts beyond the few are one, and their seats are added up.
fn seats(
    concerts: &Few,
    tallies: Option<BTreeMap<crate::domain::ConcertId, Tally>>,
) -> Vec<((Concert, SeatStanding), f64)> {
    let mut of_label: BTreeMap<FewId, Tally> = BTreeMap::new();
    for (concert, tally) in tallies.into_iter().flatten() {
        let sum = of_label.entry(concerts.of(concert.value())).or_default();
        *sum = *sum + tally;
    }
    let by_standing = |(concert, tally): (FewId, Tally)| {
        SeatStanding::of(tally).map(|(standing, seats)| ((Concert(concert), standing), seats))
    };
    of_label.into_iter().flat_map(by_standing).collect()
}

/// What the upkeep does.
#[derive(Clone, Debug)]
pub struct UpkeepMetrics {
    ended: Counter<()>,
    sweep_lag: Gauge<()>,
    broken: Gauge<Invariant>,
    looks: Counter<Look>,
}

impl UpkeepMetrics {
    /// Makes the instruments.
    #[must_use]
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            ended: instruments
                .counter("onsale.catalog.holds.ended", "Holds whose end this copy has noticed"),
            sweep_lag: instruments.gauge(
                "onsale.catalog.sweep.lag",
                "s",
                "How long ago the oldest hold ended that no sweeper has noticed; 0 where there is none",
            ),
            broken: instruments.gauge(
                "onsale.catalog.broken_invariants",
                "",
                "What the last look found not to be as it has to be, whichever copy looked; an oversell is I5",
            ),
            looks: instruments.counter(
                "onsale.catalog.invariant_checks",
                "Looks of this copy at what has to hold, by what came of them",
            ),
        }
    }

    pub(crate) fn holds_ended(&self, holds: u32) {
        self.ended.add(holds.into(), ());
    }

    pub(crate) fn sweep_is_behind(&self, by: Duration) {
        self.sweep_lag.set(by.as_secs_f64(), ());
    }

    pub(crate) fn looked(&self, look: Look) {
        self.looks.add(1, look);
    }

    pub(crate) fn broken(&self, broken: &BTreeMap<Invariant, u32>) {
        for (invariant, things) in broken {
            self.broken.set(f64::from(*things), *invariant);
        }
    }
}

/// What is measured of the database, as a client sees it.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics {
    pub(crate) statements: StoreMetrics,
    waits: Histogram<()>,
    timeouts: Counter<()>,
}

/// How many connections there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Open, and nobody uses them.
    pub idle: u32,
    /// In somebody's hands, or being opened.
    pub used: u32,
}

impl DatabaseMetrics {
    /// Makes the instruments.
    #[must_use]
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            statements: StoreMetrics::new(instruments, StoreSystem::Postgres),
            waits: instruments.durations(
                "db.client.connection.wait_time",
                "How long a statement waited for a connection, the opening of a new one included",
            ),
            timeouts: instruments.counter(
                "db.client.connection.timeouts",
                "Waits for a connection that ended without one, because the time for the statement was over",
            ),
        }
    }

    /// Has the connections told of whenever metrics are read.
    pub fn watch_connections(
        instruments: &Instruments,
        most: u32,
        connections: impl Fn() -> Connections + Send + Sync + 'static,
    ) {
        instruments.watched_gauge(
            "db.client.connection.count",
            "",
            "Connections to the database, by whether a statement uses them",
            move || {
                let Connections { idle, used } = connections();
                vec![(ConnectionState::Idle, f64::from(idle)), (ConnectionState::Used, f64::from(used))]
            },
        );
        instruments.watched_gauge(
            "db.client.connection.max",
            "",
            "As many connections as there may be at once",
            move || vec![((), f64::from(most))],
        );
    }

    pub(crate) fn waited(&self, time: Duration, got_one: bool) {
        self.waits.took(time, ());
        self.timeouts.add(u64::from(!got_one), ());
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are not so many schedules")]
fn count(things: usize) -> f64 {
    things as f64
}
