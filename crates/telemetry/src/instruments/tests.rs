use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use super::*;
use crate::{label, metrics::Metrics};

label! {
    /// How something ended.
    enum Outcome: "onsale.outcome" {
        Done = "done",
        Refused = "refused",
    }
}

label! {
    /// Whom it was for.
    enum Whom: "whom" {
        Visitor = "visitor",
        House = "house",
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Room(FewId);

impl Label for Room {
    const KEY: &'static str = "room";

    fn value(self) -> opentelemetry::Value {
        self.0.into()
    }
}

/// A label that counts how often it was made a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Told(u8);

static TOLD: AtomicUsize = AtomicUsize::new(0);

impl Label for Told {
    const KEY: &'static str = "told";

    fn value(self) -> opentelemetry::Value {
        TOLD.fetch_add(1, Ordering::Relaxed);
        i64::from(self.0).into()
    }
}

fn metrics() -> (Metrics, Instruments) {
    let metrics = Metrics::new("onsale-test").unwrap();
    let instruments = Instruments::new(metrics.meter());
    (metrics, instruments)
}

#[test]
fn counters_of_closed_labels_are_there_from_the_start() {
    let (metrics, instruments) = metrics();
    let counter = instruments.counter::<(Outcome, Whom)>("onsale.holds", "Holds");
    let plain = instruments.counter::<()>("onsale.losses", "Losses");
    let before = metrics.render().unwrap();
    for outcome in ["done", "refused"] {
        for whom in ["visitor", "house"] {
            let series = format!("onsale_holds_total{{onsale_outcome=\"{outcome}\",whom=\"{whom}\"}} 0\n");
            assert!(before.contains(&series), "{series}\n{before}");
        }
    }
    assert!(before.contains("onsale_losses_total 0\n"), "{before}");
    counter.add(3, (Outcome::Refused, Whom::House));
    plain.add(1, ());
    let after = metrics.render().unwrap();
    assert!(after.contains("onsale_holds_total{onsale_outcome=\"refused\",whom=\"house\"} 3\n"), "{after}");
    assert!(after.contains("onsale_losses_total 1\n"), "{after}");
}

#[test]
fn labels_are_text_once_for_each_series() {
    let (metrics, instruments) = metrics();
    let counter = instruments.counter("onsale.holds", "Holds");
    for _ in 0..3 {
        counter.add(1, Told(1));
        counter.clone().add(1, Told(2));
    }
    assert_eq!(TOLD.load(Ordering::Relaxed), 2);
    let text = metrics.render().unwrap();
    for told in [1, 2] {
        assert!(text.contains(&format!("onsale_holds_total{{told=\"{told}\"}} 3\n")), "{text}");
    }
}

#[test]
fn nothing_is_lost_where_several_are_the_first_to_tell() {
    let (metrics, instruments) = metrics();
    let few = Few::new(100);
    let (counter, sizes) =
        (instruments.counter("onsale.holds", "Holds"), instruments.sizes("onsale.size", "", "Size", &[1.0]));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for id in 0..100 {
                    counter.add(1, Room(few.of(id)));
                    sizes.record(1.0, Room(few.of(id)));
                }
            });
        }
    });
    let text = metrics.render().unwrap();
    for id in 0..100 {
        for series in ["onsale_holds_total", "onsale_size_count"] {
            assert!(text.contains(&format!("\n{series}{{room=\"{id}\"}} 4\n")), "{id} of {series}\n{text}");
        }
    }
}

#[test]
fn of_many_ids_few_are_labels() {
    let (metrics, instruments) = metrics();
    let (few, waiting) = (Few::new(2), instruments.gauge("onsale.waiting", "", "Waiting"));
    for id in [7, 8, 9, 10, 7] {
        waiting.set(1.0, Room(few.of(id)));
    }
    let text = metrics.render().unwrap();
    let series: Vec<_> = text.lines().filter(|line| line.starts_with("onsale_waiting{")).collect();
    assert_eq!(series, ["7", "8", "other"].map(|room| format!("onsale_waiting{{room=\"{room}\"}} 1")));
}

#[test]
fn what_is_watched_is_read_when_metrics_are() {
    let (metrics, instruments) = metrics();
    instruments.watched_gauge("onsale.age", "s", "Age", || vec![((), 0.5)]);
    instruments.watched_counter("onsale.cpu.time", "s", "Time", || vec![(Whom::House, 1.5)]);
    let text = metrics.render().unwrap();
    assert!(text.contains("onsale_age_seconds 0.5\n"), "{text}");
    assert!(text.contains("onsale_cpu_time_seconds_total{whom=\"house\"} 1.5\n"), "{text}");
}

#[test]
fn the_inventory_has_the_names_that_are_exposed() {
    let (metrics, instruments) = metrics();
    instruments.counter::<Outcome>("onsale.holds", "Holds").add(1, Outcome::Done);
    instruments.gauge::<()>("onsale.view.age", "s", "Age").set(1.0, ());
    instruments.gauge::<()>("onsale.waiting", "", "Waiting").set(1.0, ());
    instruments.durations::<Whom>("onsale.hold.duration", "Time").took(Duration::from_millis(3), Whom::House);
    instruments.sizes::<()>("onsale.body.size", "By", "Size", &[1.0, 2.0]).record(2.0, ());
    let text = metrics.render().unwrap();
    let inventory = instruments.inventory();
    assert_eq!(inventory.len(), 5);
    for definition in inventory {
        let described = format!("# HELP {} {}\n", definition.exposed_name(), definition.help);
        let typed = format!("# TYPE {} {}\n", definition.exposed_name(), definition.kind);
        assert!(text.contains(&described) && text.contains(&typed), "{described}{typed}{text}");
        for label in definition.exposed_labels() {
            let name = definition.exposed_name();
            let mut series = text.lines().filter(|line| line.starts_with(&name));
            assert!(series.any(|line| line.contains(&format!("{label}=\""))), "{label} of {name}\n{text}");
        }
    }
}

#[test]
fn a_level_is_how_many_are_within_whoever_made_it() {
    let (metrics, instruments) = metrics();
    let (one, other) =
        (instruments.level("onsale.calls", "Calls"), instruments.level("onsale.calls", "Calls"));
    let is = |number: u8| metrics.render().unwrap().contains(&format!("\nonsale_calls {number}\n"));
    assert!(is(0));
    let within = [one.enter(), other.enter()];
    assert!(is(2));
    drop(within);
    assert!(is(0));
}
