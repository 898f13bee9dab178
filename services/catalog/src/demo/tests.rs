use std::collections::HashSet;

use time::{Duration, macros::date};

use super::*;

const DAY: Date = date!(2026 - 11 - 22);

#[test]
fn it_is_as_large_as_promised() {
    let plan = DemoPlan::of(DAY);
    assert!(plan.concerts.len() >= 20);
    assert_eq!(plan.schedules.len(), 600);
    let sizes: Vec<usize> = plan.halls.iter().map(|hall| hall.seats.len()).collect();
    assert_eq!(sizes, [50, 1_000, 15_000]);
    let last = plan.schedules.iter().map(|schedule| schedule.starts_at).max().expect("schedules");
    let days = (last - midnight(DAY)).whole_days();
    assert!((700..=731).contains(&days), "{days}");
}

#[test]
fn most_schedules_are_on_sale_at_any_hour_of_the_day() {
    let plan = DemoPlan::of(DAY);
    for now in [midnight(DAY), midnight(DAY) + Duration::DAY] {
        let on_sale = plan.schedules.iter().filter(|schedule| {
            schedule.sale_opens_at <= now && now < schedule.sale_closes_at && schedule.demand < 1000
        });
        let on_sale = on_sale.count();
        assert!((400..600).contains(&on_sale), "{on_sale}");
    }
}

#[test]
fn what_documents_name_is_there() {
    let plan = DemoPlan::of(DAY);
    let first: Vec<_> = plan.schedules.iter().take(3).collect();
    assert_eq!(
        first.iter().map(|schedule| (schedule.id, schedule.concert)).collect::<Vec<_>>(),
        [(1, 1), (2, 1), (3, 1)]
    );
    assert_eq!(first.iter().map(|schedule| schedule.hall).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(first[0].starts_at, midnight(DAY) + Duration::days(3) + Duration::hours(19));
    for schedule in first {
        assert!(schedule.sale_opens_at < midnight(DAY) && schedule.sale_closes_at > midnight(DAY));
        let states = plan.states(schedule);
        let free = states.iter().filter(|state| **state == DemoState::Free).count();
        assert!(free * 10 > states.len(), "{free} of {}", states.len());
    }
}

#[test]
fn it_is_the_same_every_time_and_looks_alive() {
    let (one, other) = (DemoPlan::of(DAY), DemoPlan::of(DAY));
    let all: Vec<DemoState> =
        one.schedules.iter().take(50).flat_map(|schedule| one.states(schedule)).collect();
    let again: Vec<DemoState> =
        other.schedules.iter().take(50).flat_map(|schedule| other.states(schedule)).collect();
    assert_eq!(all, again);
    let count =
        |test: fn(&DemoState) -> bool| all.iter().filter(|state| test(state)).count() * 100 / all.len();
    assert!((20..80).contains(&count(|state| matches!(state, DemoState::Sold { .. }))));
    assert!((1..10).contains(&count(|state| matches!(state, DemoState::Held { .. }))));
    assert!(all.contains(&DemoState::Blocked));
}

#[test]
fn seats_are_numbered_places_that_nobody_shares() {
    for hall in DemoPlan::of(DAY).halls {
        let places: HashSet<_> =
            hall.seats.iter().map(|seat| (seat.section, seat.row, seat.position)).collect();
        assert_eq!(places.len(), hall.seats.len());
        let labels: HashSet<_> = hall.seats.iter().map(|seat| seat.label.as_str()).collect();
        assert_eq!(labels.len(), hall.seats.len());
        assert!(hall.seats.iter().all(|seat| hall.tiers.contains(&seat.tier)));
    }
}
