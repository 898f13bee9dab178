use onsale_token::{Mode, RoomId};

use super::*;
use crate::domain::{Departures, Head, Policy, Shows, plan, view};

const LOOK_MS: u64 = 250;

/// A room that one copy looks at, four times a second.
struct Night {
    waits: Waits,
    snapshot: Snapshot,
    told: RoomView,
}

impl Night {
    /// An open room for one, at its first look: the slot is taken, and who wants one waits.
    fn begin() -> Self {
        let policy = Policy { mode: Mode::Open, capacity: 1, rate_per_second: 10.0, ..Policy::default() };
        let head = Head {
            epoch: 7,
            policy,
            policy_version: 1,
            seq: 10,
            serving: 10,
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
        let snapshot = Snapshot { now_ms: 1_000_000, head, active: 1, ready: 0, cohorts: Vec::new() };
        let told = view(RoomId::SITE, &snapshot, &plan(&snapshot));
        let mut night = Self { waits: Waits::default(), snapshot, told };
        night.waits.look(None, &night.snapshot, 10);
        night
    }

    /// The next look, at which so many were issued, so many called by another copy, and so many by this one.
    fn look(&mut self, seq: u64, serving: u64, called: u64) {
        self.snapshot.now_ms += LOOK_MS;
        let head = &mut self.snapshot.head;
        (head.seq, head.serving, head.tick_ms) = (seq, serving, self.snapshot.now_ms - 100);
        self.waits.look(Some(&self.told), &self.snapshot, called);
        self.snapshot.head.serving = called;
        self.told = view(RoomId::SITE, &self.snapshot, &plan(&self.snapshot));
    }

    fn claimed(&self, number: u64, after_ms: u64) -> Option<Waited> {
        self.waits.before_claim(7, number, self.snapshot.now_ms + after_ms)
    }
}

fn ms(duration: Duration) -> u128 {
    duration.as_millis()
}

#[test]
fn a_wait_is_measured_from_the_look_that_saw_the_number_to_the_tick_that_called_it() {
    let mut night = Night::begin();
    night.look(11, 10, 10);
    for _ in 0..7 {
        night.look(11, 10, 10);
    }
    night.look(11, 10, 11);
    let waited = night.claimed(11, 1_500).unwrap();
    assert_eq!(ms(waited.after_call), 1_500);
    assert_eq!(ms(waited.in_line.unwrap()), 2_125, "eight looks, and half of one before");
    night.look(12, 11, 11);
    night.look(12, 12, 12);
    let waited = night.claimed(12, 0).unwrap();
    assert_eq!(ms(waited.after_call), 100, "called by another copy: at the last tick that there was");
}

#[test]
fn a_promise_is_judged_by_what_was_told_at_joining() {
    let mut night = Night::begin();
    let promised = night.told.wait(11, 1_000_000).unwrap();
    assert!(promised.p50_ms > 2 * LOOK_MS && promised.p90_ms > promised.p50_ms, "{promised:?}");
    night.look(11, 10, 10);
    let joined_ms = 1_000_125;
    // What is to be said if the call comes so long after the joining.
    let mut called_after = |wait_ms: u64| {
        while night.snapshot.now_ms + LOOK_MS <= joined_ms + wait_ms {
            night.look(11, 10, 10);
        }
        let mut waits = night.waits.clone();
        waits.note_called(11, night.snapshot.now_ms);
        let kept = waits.before_claim(7, 11, night.snapshot.now_ms).unwrap().kept.unwrap();
        (kept.p50, kept.p90)
    };
    assert_eq!(called_after(promised.p50_ms), (true, true));
    assert_eq!(called_after(promised.p90_ms), (false, true));
    assert_eq!(called_after(promised.p90_ms + 2 * LOOK_MS), (false, false));
}

#[test]
fn what_this_copy_did_not_see_is_not_measured() {
    let mut night = Night::begin();
    assert_eq!(night.claimed(10, 0), None, "called before the first look");
    night.look(11, 10, 11);
    assert_eq!(night.waits.before_claim(8, 11, night.snapshot.now_ms), None, "another epoch");
    night.snapshot.head.epoch = 8;
    night.look(3, 0, 2);
    assert_eq!(night.waits.before_claim(8, 2, night.snapshot.now_ms), None, "the first look of an epoch");
}

#[test]
fn who_is_in_at_once_waited_for_nothing_and_was_promised_nothing() {
    let mut night = Night::begin();
    // Joined, called and here between two looks.
    let at_once = Waited { after_call: Duration::ZERO, in_line: Some(Duration::ZERO), kept: None };
    assert_eq!(night.claimed(11, 30), Some(at_once));
    // The same, seen by a copy that only sees it done.
    night.look(12, 11, 11);
    let seen = night.claimed(11, 0).unwrap();
    assert_eq!(
        (seen.kept, seen.in_line.map(|in_line| in_line < Duration::from_millis(LOOK_MS))),
        (None, Some(true))
    );
    // Who waits amid them is promised something.
    night.look(12, 11, 12);
    assert!(night.claimed(12, 0).unwrap().kept.is_some());
}

#[test]
fn what_is_kept_has_a_bound_and_what_goes_is_not_the_last() {
    let mut night = Night::begin();
    let looks = 40 * KEPT as u64;
    for number in 11..11 + looks {
        night.look(number, 10, 10);
    }
    assert!(night.waits.issued.len() < KEPT);
    night.look(10 + looks, 10, 10 + looks);
    let measured = |range: std::ops::Range<u64>| {
        range.filter(|number| night.claimed(*number, 0).unwrap().in_line.is_some()).count() as u64
    };
    let half = looks / 2;
    let (early, late) = (measured(11..11 + half), measured(11 + half..11 + looks));
    assert!(early > 0 && early.abs_diff(late) <= early.max(late) / 4, "{early} and {late}");
    night.snapshot.head.gone = 10 + half;
    night.look(10 + looks, 10 + looks, 10 + looks);
    assert!(night.waits.issued.front().unwrap().first > 10 + half, "what is gone is forgotten");
}

#[test]
fn calls_have_a_bound_as_well() {
    let mut night = Night::begin();
    let looks = 2 * KEPT as u64;
    for number in 11..11 + looks {
        night.look(number, number - 1, number);
    }
    assert_eq!(night.waits.called.len(), KEPT);
    assert!(night.claimed(11, 0).is_none() && night.claimed(10 + looks, 0).is_some());
}
