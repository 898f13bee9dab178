use std::collections::BTreeSet;

use onsale_telemetry::{Definition, StoreMetrics, StoreSystem, Telemetry, TelemetryConfig};

use super::*;
use crate::{domain::Kept, store::redis::JoinOutcome};

fn telemetry() -> Telemetry {
    Telemetry::init(&TelemetryConfig::default(), "onsale-queue").unwrap()
}

fn room(id: u64) -> RoomId {
    RoomId::new(id).unwrap()
}

/// An open room where three of ten numbers are called.
fn figures(id: u64) -> RoomFigures {
    RoomFigures {
        room: room(id),
        waiting: 7,
        ready: 1,
        active: 2,
        capacity: 3,
        serving: 3,
        last_number: 10,
        rate_per_second: 50.0,
        mode: Mode::Open,
        tick_age_s: 0.2,
    }
}

/// The queue's own of what a program has.
fn own(at: &Instruments) -> Vec<Definition> {
    let is_own = |name: &str| name.starts_with("onsale.queue.") || name.starts_with("db.client.");
    at.inventory().into_iter().filter(|definition| is_own(definition.name)).collect()
}

/// The series that are there, name and labels, with their values.
fn series(telemetry: &Telemetry) -> BTreeMap<String, f64> {
    let text = telemetry.render_metrics().unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

#[test]
fn every_counter_of_a_room_is_there_at_zero_before_anything_happens_in_it() {
    let telemetry = telemetry();
    let metrics = Metrics::new(telemetry.instruments());
    let _room = metrics.of(room(1));
    let series = series(&telemetry);
    let counters = "released claimed no_shows late left sessions_ended order_inversions losses".split(' ');
    let mut wanted: Vec<_> =
        counters.map(|name| format!("onsale_queue_{name}_total{{room=\"1\"}}")).collect();
    for outcome in ["new", "again", "line_full", "closed", "without_a_number", "failed"] {
        wanted.push(format!("onsale_queue_joins_total{{outcome=\"{outcome}\",room=\"1\"}}"));
    }
    for promise in ["p50", "p90"] {
        for kept in ["yes", "no"] {
            wanted.push(format!("onsale_queue_wait_promises_total{{kept=\"{kept}\",promise=\"{promise}\"}}"));
        }
    }
    for name in &wanted {
        assert_eq!(series.get(name), Some(&0.0), "{name} in {series:#?}");
    }
    let counted = own(telemetry.instruments()).into_iter().map(|definition| definition.exposed_name());
    let told: BTreeSet<_> = wanted.iter().map(|name| name.split('{').next().unwrap()).collect();
    let counted: Vec<_> = counted.filter(|name| name.ends_with("_total")).collect();
    assert_eq!(counted, told.into_iter().collect::<Vec<_>>(), "no counter is left out");
}

#[test]
fn the_inventory_is_what_boards_and_rules_are_written_against() {
    let telemetry = telemetry();
    let at = telemetry.instruments();
    Metrics::new(at).watch(at, Vec::new);
    let _store = StoreMetrics::new(at, StoreSystem::Redis);
    let line = |definition: &Definition| {
        let labels: Vec<_> = definition.exposed_labels().collect();
        format!("{} {} {{{}}}", definition.kind, definition.exposed_name(), labels.join(","))
    };
    let inventory: Vec<_> = own(at).iter().map(line).collect();
    assert_eq!(
        inventory,
        [
            "histogram db_client_operation_duration_seconds {db_system_name,db_operation_name,error_type}",
            "gauge onsale_queue_active {room}",
            "histogram onsale_queue_batch_size {kind}",
            "gauge onsale_queue_capacity {room}",
            "histogram onsale_queue_claim_delay_seconds {}",
            "counter onsale_queue_claimed_total {room}",
            "counter onsale_queue_joins_total {room,outcome}",
            "gauge onsale_queue_last_number {room}",
            "counter onsale_queue_late_total {room}",
            "counter onsale_queue_left_total {room}",
            "counter onsale_queue_losses_total {room}",
            "gauge onsale_queue_mode {room,mode}",
            "counter onsale_queue_no_shows_total {room}",
            "counter onsale_queue_order_inversions_total {room}",
            "gauge onsale_queue_ready {room}",
            "gauge onsale_queue_release_rate {room}",
            "counter onsale_queue_released_total {room}",
            "gauge onsale_queue_serving_number {room}",
            "counter onsale_queue_sessions_ended_total {room}",
            "gauge onsale_queue_tick_age_seconds {room}",
            "histogram onsale_queue_tick_lag_seconds {}",
            "histogram onsale_queue_wait_seconds {}",
            "counter onsale_queue_wait_promises_total {promise,kept}",
            "gauge onsale_queue_waiting {room}",
        ]
    );
}

#[test]
fn gauges_say_what_each_room_is_like_and_rooms_beyond_the_few_are_added_up() {
    let telemetry = telemetry();
    let at = telemetry.instruments();
    let metrics = Metrics::new(at);
    let beyond = ROOMS as u64 + 1;
    let rooms: Vec<_> = (1..=beyond + 1).map(figures).collect();
    metrics.watch(at, move || rooms.clone());
    let series = series(&telemetry);
    let value = |name: &str| series.get(&format!("onsale_queue_{name}}}")).copied();
    assert_eq!(value("waiting{room=\"1\""), Some(7.0));
    assert_eq!(value("waiting{room=\"other\""), Some(14.0));
    assert_eq!(value(&format!("waiting{{room=\"{beyond}\"")), None);
    assert_eq!(value("tick_age_seconds{room=\"other\""), Some(0.2), "the oldest, and no sum");
    assert_eq!(value("serving_number{room=\"1\""), Some(3.0));
    assert_eq!(value("mode{mode=\"open\",room=\"1\""), Some(1.0));
    assert_eq!(value("mode{mode=\"paused\",room=\"1\""), Some(0.0));
    assert_eq!(value("mode{mode=\"open\",room=\"other\""), Some(2.0));
}

#[test]
fn a_claim_is_counted_with_what_is_known_of_the_wait_before_it() {
    let telemetry = telemetry();
    let metrics = Metrics::new(telemetry.instruments()).of(room(4));
    let seconds = Duration::from_secs;
    metrics.claimed(None);
    metrics.claimed(Some(Waited { after_call: seconds(2), in_line: None, kept: None }));
    let kept = Some(Kept { p50: false, p90: true });
    metrics.claimed(Some(Waited { after_call: seconds(2), in_line: Some(seconds(700)), kept }));
    metrics.joined(JoinLabel::from(JoinOutcome::Place { number: 1, is_new: false }));
    let series = series(&telemetry);
    let value = |name: &str| series.get(&format!("onsale_queue_{name}")).copied();
    assert_eq!(value("claimed_total{room=\"4\"}"), Some(3.0));
    assert_eq!(value("claim_delay_seconds_bucket{le=\"1\"}"), Some(0.0));
    assert_eq!(value("claim_delay_seconds_bucket{le=\"2.5\"}"), Some(2.0));
    assert_eq!(value("wait_seconds_bucket{le=\"600\"}"), Some(0.0));
    assert_eq!(value("wait_seconds_bucket{le=\"1800\"}"), Some(1.0));
    assert_eq!(value("wait_promises_total{kept=\"no\",promise=\"p50\"}"), Some(1.0));
    assert_eq!(value("wait_promises_total{kept=\"yes\",promise=\"p90\"}"), Some(1.0));
    assert_eq!(value("joins_total{outcome=\"again\",room=\"4\"}"), Some(1.0));
}
