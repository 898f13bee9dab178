use onsale_telemetry::{Kind, Label, Telemetry, TelemetryConfig};
use time::OffsetDateTime;

use super::*;
use crate::{
    domain::{
        ConcertId, HeldSeat, Hold, HoldAnswer, HoldId, HoldState, Refusal, ScheduleId, SeatNo, Subject,
        Written,
    },
    store::{SalesError, StoreError},
};

/// Every instrument of the catalog, as Prometheus knows it: its kind and its labels.
const SPECIFIED: [(&str, Kind, &[&str]); 18] = [
    ("db_client_connection_count", Kind::Gauge, &["state"]),
    ("db_client_connection_max", Kind::Gauge, &[]),
    ("db_client_connection_timeouts_total", Kind::Counter, &[]),
    ("db_client_connection_wait_time_seconds", Kind::Histogram, &[]),
    (
        "db_client_operation_duration_seconds",
        Kind::Histogram,
        &["db_system_name", "db_operation_name", "error_type"],
    ),
    ("onsale_catalog_broken_invariants", Kind::Gauge, &["invariant"]),
    ("onsale_catalog_holds_ended_total", Kind::Counter, &[]),
    ("onsale_catalog_invariant_checks_total", Kind::Counter, &["outcome"]),
    ("onsale_catalog_operation_duration_seconds", Kind::Histogram, &["operation"]),
    ("onsale_catalog_operations_total", Kind::Counter, &["operation", "outcome"]),
    ("onsale_catalog_seat_view_age_seconds", Kind::Gauge, &[]),
    ("onsale_catalog_seat_view_loads_total", Kind::Counter, &[]),
    ("onsale_catalog_seat_view_refresh_duration_seconds", Kind::Histogram, &[]),
    ("onsale_catalog_seat_view_refresh_failed_total", Kind::Counter, &[]),
    ("onsale_catalog_seat_view_watched", Kind::Gauge, &[]),
    ("onsale_catalog_seats", Kind::Gauge, &["concert", "state"]),
    ("onsale_catalog_seats_changed_total", Kind::Counter, &["operation"]),
    ("onsale_catalog_sweep_lag_seconds", Kind::Gauge, &[]),
];

fn telemetry() -> Telemetry {
    Telemetry::init(&TelemetryConfig::default(), "onsale-test").unwrap()
}

/// All of the catalog's instruments, as the program makes them.
fn all(instruments: &Instruments) -> (SalesMetrics, SeatViewMetrics, UpkeepMetrics, DatabaseMetrics) {
    watch_views(instruments, &Weak::new());
    DatabaseMetrics::watch_connections(instruments, 16, Connections::default);
    (
        SalesMetrics::new(instruments),
        SeatViewMetrics::new(instruments),
        UpkeepMetrics::new(instruments),
        DatabaseMetrics::new(instruments),
    )
}

/// The value of a series.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|(name, _)| name == series))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn there_is_what_is_specified_and_nothing_else() {
    let instruments = Instruments::unread();
    let _kept = all(&instruments);
    let made: Vec<_> = instruments
        .inventory()
        .iter()
        .map(|made| (made.exposed_name(), made.kind, made.exposed_labels().collect::<Vec<_>>()))
        .collect();
    let mut specified: Vec<_> = SPECIFIED
        .iter()
        .map(|(name, kind, labels)| {
            ((*name).to_owned(), *kind, labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>())
        })
        .collect();
    specified.sort_by(|one, other| one.0.cmp(&other.0));
    let mut made = made;
    made.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(made, specified);
}

#[test]
fn every_counter_is_there_from_the_start() {
    let telemetry = telemetry();
    let _kept = all(telemetry.instruments());
    let text = telemetry.render_metrics().unwrap();
    for counter in telemetry.instruments().inventory().iter().filter(|made| made.kind == Kind::Counter) {
        let name = counter.exposed_name();
        let series: Vec<_> = text.lines().filter(|line| line.starts_with(&name)).collect();
        assert!(!series.is_empty() && series.iter().all(|line| line.ends_with(" 0")), "{name}: {series:?}");
    }
    for operation in Operation::known() {
        for outcome in Outcome::known() {
            let (operation, outcome) = (operation.value(), outcome.value());
            let series =
                format!("onsale_catalog_operations_total{{operation=\"{operation}\",outcome=\"{outcome}\"}}");
            assert_eq!(value(&text, &series), Some(0.0), "{series}");
        }
    }
}

fn answer(replayed: bool, written: bool) -> HoldAnswer {
    let (schedule, now) = (ScheduleId::try_from(1_u64).unwrap(), OffsetDateTime::UNIX_EPOCH);
    let seat = |no| HeldSeat {
        seat_no: SeatNo(no),
        price: 1,
        section: String::new(),
        row: String::new(),
        label: String::new(),
        tier: String::new(),
    };
    let hold = Hold {
        id: HoldId(1),
        concert: ConcertId::try_from(1_u64).unwrap(),
        schedule,
        state: HoldState::Held,
        seats: vec![seat(1), seat(2)],
        currency: "EUR".to_owned(),
        held_at: now,
        ends_at: now,
        latest_end_at: now,
        now,
        sale: None,
    };
    HoldAnswer { hold, written: written.then(|| Written { schedule, epoch: 1, blocks: vec![] }), replayed }
}

async fn counted(operation: Operation, answer: Result<HoldAnswer, SalesError>) -> String {
    let telemetry = telemetry();
    let sales = SalesMetrics::new(telemetry.instruments());
    let _ = sales.measured(operation, async { answer }).await;
    telemetry.render_metrics().unwrap()
}

fn series(operation: &str, outcome: &str) -> String {
    format!("onsale_catalog_operations_total{{operation=\"{operation}\",outcome=\"{outcome}\"}}")
}

#[tokio::test]
async fn an_operation_counts_by_what_became_of_it() {
    let at = OffsetDateTime::UNIX_EPOCH;
    for (outcome, answer) in [
        ("done", Ok(answer(false, true))),
        ("unchanged", Ok(answer(false, false))),
        ("replayed", Ok(answer(true, true))),
        ("not_found", Err(SalesError::NotFound(Subject::Hold))),
        ("unknown_seats", Err(SalesError::UnknownSeats(vec![SeatNo(9)]))),
        ("seats_taken", Err(Refusal::SeatsTaken(vec![SeatNo(9)]).into())),
        ("not_enough_seats", Err(Refusal::NotEnoughSeats.into())),
        ("limit_reached", Err(Refusal::LimitReached { limit: 8, have: 8 }.into())),
        ("sale_not_open", Err(Refusal::SaleNotOpen { opens_at: at }.into())),
        ("sale_over", Err(Refusal::SaleOver.into())),
        ("hold_ended", Err(Refusal::HoldEnded.into())),
        ("payment_begun", Err(Refusal::PaymentBegun.into())),
        ("hold_sold", Err(Refusal::HoldSold.into())),
        ("another_order", Err(Refusal::AnotherOrder.into())),
        ("key_reused", Err(Refusal::KeyReused.into())),
        ("away", Err(StoreError::Away("gone".into()).into())),
        ("busy", Err(StoreError::Busy("locked".into()).into())),
        ("broken", Err(StoreError::Broken("nonsense".into()).into())),
    ] {
        let seats = if outcome == "done" { 2.0 } else { 0.0 };
        let text = counted(Operation::Extend, answer).await;
        assert_eq!(value(&text, &series("extend", outcome)), Some(1.0), "{outcome}\n{text}");
        let changed = "onsale_catalog_seats_changed_total{operation=\"extend\"}";
        assert_eq!(value(&text, changed), Some(seats), "{outcome}");
        let took = "onsale_catalog_operation_duration_seconds_count{operation=\"extend\"}";
        assert_eq!(value(&text, took), Some(1.0), "{outcome}");
    }
}

#[tokio::test]
async fn a_payment_that_begins_is_done_and_an_answer_never_given_is_no_operation() {
    let text = counted(Operation::CheckOut, Ok(answer(false, false))).await;
    assert_eq!(value(&text, &series("check_out", "done")), Some(1.0));

    let text = counted(Operation::Hold, Err(SalesError::NotFound(Subject::Answer))).await;
    let tried = text.lines().filter(|line| line.starts_with("onsale_catalog_operations_total"));
    assert!(tried.clone().count() > 100 && tried.clone().all(|line| line.ends_with(" 0")), "{text}");
}

#[tokio::test]
async fn an_operation_that_is_dropped_counts_as_abandoned() {
    let telemetry = telemetry();
    let sales = SalesMetrics::new(telemetry.instruments());
    let never = sales.measured(Operation::Confirm, std::future::pending::<Result<HoldAnswer, SalesError>>());
    assert!(tokio::time::timeout(Duration::ZERO, never).await.is_err());
    let text = telemetry.render_metrics().unwrap();
    assert_eq!(value(&text, &series("confirm", "abandoned")), Some(1.0), "{text}");
}

#[test]
fn seats_of_concerts_beyond_the_few_are_added_up() {
    let id = |id: u64| ConcertId::try_from(id).unwrap();
    let tally = |sold| Tally { available: 1, held: 2, sold, blocked: 3 };
    let all = BTreeMap::from([(id(1), tally(10)), (id(2), tally(20)), (id(3), tally(30))]);
    let sold: Vec<_> = seats(&Few::new(1), Some(all))
        .into_iter()
        .filter(|((_, standing), _)| *standing == SeatStanding::Sold)
        .map(|((concert, _), seats)| (concert.value().to_string(), seats))
        .collect();
    assert_eq!(sold, [("1".to_owned(), 10.0), ("other".to_owned(), 50.0)]);
    assert_eq!(seats(&Few::new(1), None).len(), 0);
}
