//! Instruments whose labels are bounded by their types.
//!
//! OpenTelemetry takes any text for a label, and each new text is a new series, kept until the program ends: one user
//! id as a label is half a million series on the night. So an instrument is made here with a type for its labels
//! ([`Label`]), and takes nothing else. Closed label types are enums, written with [`label!`](crate::label); their
//! counters are there from the start, at zero, since a rate over a series that begins with its first failure does not
//! see that failure.
//!
//! What is made is noted in the [inventory](Instruments::inventory), from which the documentation is checked.

mod bound;
mod counter;
mod definition;
mod few;
mod gauge;
mod histogram;
mod label;
mod level;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use opentelemetry::metrics::Meter;

pub use counter::Counter;
pub use definition::{Definition, Kind};
pub use few::{Few, FewId};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use label::{Label, Labels};
pub use level::{Level, Within};

use crate::metrics::SECONDS;

/// Where a program's instruments are made. Clones share the inventory.
#[derive(Clone, Debug)]
pub struct Instruments {
    meter: Meter,
    made: Arc<Mutex<BTreeMap<&'static str, Definition>>>,
}

impl Instruments {
    /// Instruments of this meter; none is made yet.
    #[must_use]
    pub(crate) fn new(meter: Meter) -> Self {
        Self { meter, made: Arc::default() }
    }

    /// Instruments that nobody reads.
    #[must_use]
    pub fn unread() -> Self {
        use opentelemetry::metrics::{MeterProvider as _, noop::NoopMeterProvider};
        Self::new(NoopMeterProvider::new().meter("unread"))
    }

    /// What has been made, by name.
    #[must_use]
    pub fn inventory(&self) -> Vec<Definition> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Something that happens, counted.
    #[must_use]
    pub fn counter<L: Labels>(&self, name: &'static str, help: &'static str) -> Counter<L> {
        self.note::<L>(name, Kind::Counter, "", help);
        Counter::new(self.meter.u64_counter(name).with_description(help).build())
    }

    /// Something that has a value, set when it changes. The unit is UCUM's (`s`, `By`), or empty for a number of things.
    #[must_use]
    pub fn gauge<L: Labels>(&self, name: &'static str, unit: &'static str, help: &'static str) -> Gauge<L> {
        self.note::<L>(name, Kind::Gauge, unit, help);
        Gauge::new(self.meter.f64_gauge(name).with_unit(unit).with_description(help).build())
    }

    /// Something that there are more or fewer of, counted by who comes and goes.
    #[must_use]
    pub fn level(&self, name: &'static str, help: &'static str) -> Level {
        self.note::<()>(name, Kind::Gauge, "", help);
        Level::new(self.meter.i64_up_down_counter(name).with_description(help).build())
    }

    /// Something that has a value, read whenever metrics are. Reading must be quick: it holds up whoever reads.
    pub fn watched_gauge<L: Labels>(
        &self,
        name: &'static str,
        unit: &'static str,
        help: &'static str,
        read: impl Fn() -> Vec<(L, f64)> + Send + Sync + 'static,
    ) {
        self.note::<L>(name, Kind::Gauge, unit, help);
        let gauge = self.meter.f64_observable_gauge(name).with_unit(unit).with_description(help);
        gauge
            .with_callback(move |seen| read().iter().for_each(|(l, v)| seen.observe(*v, &l.pairs())))
            .build();
    }

    /// Something that is counted elsewhere, read whenever metrics are. It must never become less.
    pub fn watched_counter<L: Labels>(
        &self,
        name: &'static str,
        unit: &'static str,
        help: &'static str,
        read: impl Fn() -> Vec<(L, f64)> + Send + Sync + 'static,
    ) {
        self.note::<L>(name, Kind::Counter, unit, help);
        let counter = self.meter.f64_observable_counter(name).with_unit(unit).with_description(help);
        counter
            .with_callback(move |seen| read().iter().for_each(|(l, v)| seen.observe(*v, &l.pairs())))
            .build();
    }

    /// How long something takes, in seconds, with the bounds that all durations have.
    #[must_use]
    pub fn durations<L: Labels>(&self, name: &'static str, help: &'static str) -> Histogram<L> {
        self.note::<L>(name, Kind::Histogram, "s", help);
        let histogram = self.meter.f64_histogram(name).with_unit("s").with_description(help);
        Histogram::new(histogram.with_boundaries(SECONDS.to_vec()).build())
    }

    /// How much something is, sorted by these bounds.
    #[must_use]
    pub fn sizes<L: Labels>(
        &self,
        name: &'static str,
        unit: &'static str,
        help: &'static str,
        bounds: &[f64],
    ) -> Histogram<L> {
        self.note::<L>(name, Kind::Histogram, unit, help);
        let histogram = self.meter.f64_histogram(name).with_unit(unit).with_description(help);
        Histogram::new(histogram.with_boundaries(bounds.to_vec()).build())
    }

    fn note<L: Labels>(&self, name: &'static str, kind: Kind, unit: &'static str, help: &'static str) {
        let definition = Definition { name, kind, unit, help, labels: L::keys() };
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(name, definition);
    }
}

#[cfg(test)]
mod tests;
