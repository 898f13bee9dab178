//! The judge is worth what it sees here: histories that are right, and each of them forged in one place.

use time::{Duration, OffsetDateTime};

use super::*;

fn second(second: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(second)
}

fn held(hold: u128, until: i64) -> Standing {
    Standing::Held { hold: HoldId(hold), until: second(until) }
}

fn sold(hold: u128) -> Standing {
    Standing::Sold { hold: HoldId(hold) }
}

/// An event of seat 1 or 2 of block 0; the second seat only where a version changes both.
fn event(version: u64, seat_no: u32, at: i64, cause: Cause, standing: Standing) -> SeatEvent {
    let seat_no = SeatNo(seat_no);
    SeatEvent { block: 0, version, seat_no, at: second(at), cause, standing, ended_hold: None }
}

fn ending(hold: u128, event: SeatEvent) -> SeatEvent {
    SeatEvent { ended_hold: Some(HoldId(hold)), ..event }
}

/// Everything that can happen, rightly.
fn right() -> Vec<SeatEvent> {
    vec![
        event(2, 1, 0, Cause::Held, held(1, 10)),
        event(2, 2, 0, Cause::Held, held(1, 10)),
        event(3, 1, 5, Cause::Extended, held(1, 15)),
        event(3, 2, 5, Cause::Extended, held(1, 15)),
        event(4, 1, 14, Cause::CheckedOut, held(1, 20)),
        event(4, 2, 14, Cause::CheckedOut, held(1, 20)),
        ending(1, event(5, 1, 20, Cause::Held, held(2, 30))),
        event(6, 1, 21, Cause::Sold, sold(2)),
        ending(1, event(7, 2, 21, Cause::Ended, Standing::Free)),
        event(8, 2, 22, Cause::Held, held(3, 32)),
        event(9, 2, 23, Cause::Released, Standing::Free),
        event(10, 1, 24, Cause::Cancelled, Standing::Free),
        event(11, 1, 25, Cause::Blocked, Standing::Blocked),
        event(12, 1, 26, Cause::Unblocked, Standing::Free),
        event(13, 1, 27, Cause::Held, held(4, 28)),
        ending(4, event(14, 1, 28, Cause::Blocked, Standing::Blocked)),
    ]
}

fn faults(events: Vec<SeatEvent>, extent: Extent) -> Vec<Fault> {
    judge(events, extent).breaches.into_iter().map(|breach| breach.fault).collect()
}

#[test]
fn a_right_history_has_no_fault_and_says_how_seats_stand() {
    let verdict = judge(right(), Extent::Whole);
    assert_eq!(verdict.breaches, []);
    assert_eq!(verdict.standings[&SeatNo(1)], Standing::Blocked);
    assert_eq!(verdict.standings[&SeatNo(2)], Standing::Free);
}

#[test]
fn the_recent_part_of_a_right_history_is_right() {
    for from in 0..right().len() {
        assert_eq!(faults(right().split_off(from), Extent::Recent), [], "from {from}");
    }
    assert_ne!(faults(right().split_off(2), Extent::Whole), []);
}

#[test]
fn a_forgery_is_found_whatever_it_is() {
    type Forgery = (&'static str, fn(&mut Vec<SeatEvent>), Fault);
    let forgeries: [Forgery; 18] = [
        ("another takes it a second early", |h| h[6].at = second(19), Fault::TakenEarly),
        ("another takes what is sold", |h| h.insert(8, later(&h[7], Cause::Held, held(9, 90))), Fault::Taken),
        ("another takes what is blocked", |h| h[13] = later(&h[12], Cause::Held, held(9, 90)), Fault::Taken),
        ("a held seat is blocked", |h| h[15].at = second(27), Fault::TakenEarly),
        ("a hold begins when it has ended", |h| h[0].standing = held(1, 0), Fault::Impossible),
        ("sold to another hold", |h| h[7].standing = sold(9), Fault::NotLive),
        ("sold after its end", |h| h[7].at = second(30), Fault::NotLive),
        ("sold without a hold", |h| h[9] = event(8, 2, 22, Cause::Sold, sold(3)), Fault::NotLive),
        ("extended after its end", |h| h[2].at = second(10), Fault::NotLive),
        ("a payment moves the end back", |h| h[4].standing = held(1, 14), Fault::Shortened),
        ("released after its end", |h| h[10].at = second(32), Fault::NotLive),
        ("ended before its end", |h| h[8].at = second(19), Fault::TakenEarly),
        ("cancelled without a sale", |h| h[10].cause = Cause::Cancelled, Fault::Impossible),
        ("a cause that does not do that", |h| h[7].cause = Cause::Released, Fault::Impossible),
        ("the ended hold is not named", |h| h[6].ended_hold = None, Fault::WrongEndedHold),
        ("another ended hold is named", |h| h[8].ended_hold = Some(HoldId(7)), Fault::WrongEndedHold),
        ("a change is not told of", |h| h.retain(|event| event.version != 11), Fault::Gap),
        ("a seat of another block", |h| h[15].seat_no = SeatNo(513), Fault::ForeignBlock),
    ];
    for (name, forge, fault) in forgeries {
        let mut history = right();
        forge(&mut history);
        let found = faults(history, Extent::Whole);
        assert!(found.contains(&fault), "{name}: {found:?}");
    }
}

fn later(before: &SeatEvent, cause: Cause, standing: Standing) -> SeatEvent {
    SeatEvent { cause, standing, ended_hold: None, ..*before }
}

#[test]
fn a_change_before_the_one_before_it_is_found() {
    let mut history = right();
    history[11].at = second(20);
    assert_eq!(faults(history, Extent::Whole), [Fault::Backwards]);
}

#[test]
fn a_hold_that_is_sold_in_part_is_found() {
    let history = vec![
        event(2, 1, 0, Cause::Held, held(1, 10)),
        event(2, 2, 0, Cause::Held, held(1, 10)),
        event(3, 1, 5, Cause::Sold, sold(1)),
    ];
    assert_eq!(faults(history, Extent::Whole), [Fault::SoldInPart]);
}
