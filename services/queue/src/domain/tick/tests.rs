use proptest::prelude::*;

use super::*;

/// An open room at one second past its last tick: 100 slots, 1,000 waiting, no calls out.
fn snapshot() -> Snapshot {
    let policy =
        Policy { mode: Mode::Open, capacity: 100, rate_per_second: 10.0, burst: 20, ..Policy::default() };
    let head = Head {
        epoch: 1,
        policy,
        policy_version: 1,
        seq: 1_000,
        serving: 0,
        floor: 0,
        gone: 0,
        left_waiting: 0,
        credit: 0.0,
        tick: 7,
        tick_ms: 1_000_000,
        clock_ms: 50_000,
        ended: 0,
        arrivals: 0,
        arrival_delay_ms: 0,
        shows: Shows::default(),
        departures: Departures::default(),
    };
    Snapshot { now_ms: 1_001_000, head, active: 0, ready: 0, cohorts: Vec::new() }
}

fn cohort(serving: u64, called_at_ms: u64) -> Cohort {
    Cohort { serving, called_at_ms, claimed: 0, left: 0, ready: 0 }
}

#[test]
fn the_rate_bounds_what_is_called() {
    assert_eq!(plan(&snapshot()).release, 10);
    let mut long_ago = snapshot();
    long_ago.head.tick_ms = 0;
    assert_eq!(plan(&long_ago).release, 20, "a lull saves up no more than a burst");
}

#[test]
fn the_slots_bound_what_is_called() {
    let mut full = snapshot();
    full.active = 100;
    assert_eq!(plan(&full).release, 0);
    full.active = 98;
    assert_eq!(plan(&full).release, 2, "two slots, and 85 of 100 come");
    full.ready = 2;
    assert_eq!(plan(&full).release, 0, "those who are ready come first");
}

#[test]
fn the_line_bounds_what_is_called() {
    let mut short = snapshot();
    short.head.serving = 995;
    assert_eq!(plan(&short).release, 5);
    short.head.left_waiting = 4;
    assert_eq!(plan(&short).release, 1);
}

#[test]
fn calls_that_are_out_keep_their_slots_for_as_long_as_they_are_likely_to_be_taken() {
    let mut called = snapshot();
    called.head.serving = 100;
    called.cohorts = vec![cohort(100, called.head.clock_ms + 1_000)];
    assert_eq!(plan(&called).free, 17, "this instant: 85 are expected");
    called.cohorts = vec![cohort(100, 0)];
    assert_eq!(plan(&called).free, 117, "fifty seconds ago: nobody is expected any more");
}

#[test]
fn only_rooms_that_admit_call_and_only_their_clocks_run() {
    for mode in Mode::ALL {
        let mut room = snapshot();
        room.head.policy.mode = mode;
        let plan = plan(&room);
        assert_eq!(plan.release > 0, mode.admits(), "{mode:?}");
        assert_eq!(plan.clock_ms > room.head.clock_ms, mode.admits(), "{mode:?}");
    }
}

#[test]
fn windows_stand_still_while_nobody_ticks() {
    let mut away = snapshot();
    away.now_ms += 3_600_000;
    assert_eq!(plan(&away).clock_ms, away.head.clock_ms + LONGEST_STEP_MS);
}

#[test]
fn a_cohort_lapses_when_its_window_is_over_and_is_learned_from_once() {
    let mut room = snapshot();
    room.head.serving = 300;
    let window = as_ms(room.head.policy.claim_window);
    room.head.clock_ms = window + 10_000;
    room.cohorts =
        vec![Cohort { claimed: 40, left: 20, ready: 10, ..cohort(100, 5_000) }, cohort(300, 200_000)];
    let first = plan(&room);
    assert_eq!(first.floor, 100);
    assert!((first.shows.called - 80.0).abs() < 1e-9 && (first.shows.came - 50.0).abs() < 1e-9);
    room.head.floor = first.floor;
    room.head.shows = first.shows;
    assert_eq!(plan(&room).shows, first.shows, "a lapsed cohort teaches nothing more");
    room.head.clock_ms += as_ms(room.head.policy.return_window);
    assert_eq!(plan(&room).gone, 100);
}

prop_compose! {
    fn any_snapshot()(
        mode in prop::sample::select(Mode::ALL.to_vec()),
        (capacity, rate, burst) in (0_u32..2_000, 0.001..5_000.0_f64, 1_u32..5_000),
        (active, ready) in (0_u64..3_000, 0_u64..3_000),
        (gone, to_floor, to_serving, to_seq) in (0_u64..100, 0_u64..500, 0_u64..500, 0_u64..10_000),
        left_share in 0.0..1.0_f64,
        (elapsed, clock) in (0_u64..10_000, 0_u64..10_000_000),
        credit in 0.0..5_000.0_f64,
        outcomes in prop::collection::vec((1_u64..200, 0_u64..200_000, 0_u64..50, 0_u64..50, 0_u64..50), 0..8),
    ) -> Snapshot {
        let mut room = snapshot();
        room.head.policy = Policy { mode, capacity, rate_per_second: rate, burst, ..room.head.policy };
        room.head.gone = gone;
        room.head.floor = gone + to_floor;
        room.head.serving = room.head.floor + to_serving;
        room.head.seq = room.head.serving + to_seq;
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
        let left = (to_seq as f64 * left_share) as u64;
        room.head.left_waiting = left;
        room.head.clock_ms = clock;
        room.head.credit = credit;
        room.now_ms = room.head.tick_ms + elapsed;
        (room.active, room.ready) = (active, ready);
        let mut reached = gone;
        let mut at = clock.saturating_sub(1_600_000);
        for (size, later, claimed, left, ready) in outcomes {
            reached = (reached + size).min(room.head.serving);
            at = (at + later).min(clock);
            room.cohorts.push(Cohort { serving: reached, called_at_ms: at, claimed, left, ready });
        }
        room
    }
}

proptest! {
    /// I2 and I3 as far as a plan goes: nothing runs ahead, nothing goes back, no call is worth no slot.
    #[test]
    fn a_plan_keeps_the_bounds_whatever_the_room(room in any_snapshot()) {
        let plan = plan(&room);
        let head = &room.head;
        prop_assert!(plan.floor >= head.floor && plan.floor <= head.serving);
        prop_assert!(plan.gone >= head.gone && plan.gone <= plan.floor.max(head.gone));
        prop_assert!(plan.clock_ms >= head.clock_ms);
        prop_assert!(plan.release <= head.seq - head.serving - head.left_waiting);
        prop_assert!(to_f64(plan.release) <= plan.credit);
        prop_assert!(to_f64(plan.release) <= f64::from(head.policy.burst).max(head.policy.rate_per_second));
        if room.active + room.ready >= u64::from(head.policy.capacity) {
            prop_assert_eq!(plan.release, 0);
        }
        if !mode(&room).admits() {
            prop_assert_eq!(plan.release, 0);
        }
        prop_assert!((0.05..=1.0).contains(&plan.shows.probability()));
        prop_assert!(plan.departures.per_second_when_full(head.policy.capacity, head.policy.lease) >= 0.0);
    }
}
