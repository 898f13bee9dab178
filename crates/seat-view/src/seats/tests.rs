use proptest::prelude::*;

use super::*;

const SEATS: usize = 1_030;

fn vector(blocks: [u64; 3]) -> SeatVector {
    SeatVector { epoch: 7, revision: 1, blocks: blocks.to_vec() }
}

fn all_free() -> Seats {
    Seats::whole(vector([1, 1, 1]), &[0; SEATS], &[]).unwrap()
}

fn state() -> impl Strategy<Value = SeatState> {
    prop_oneof![
        Just(SeatState::Free),
        Just(SeatState::Sold),
        Just(SeatState::Blocked),
        (1_i64..100).prop_map(|until_us| SeatState::Held { until_us }),
    ]
}

/// One transaction: seats of any blocks, and their states after it.
fn write() -> impl Strategy<Value = Vec<(u32, SeatState)>> {
    let seat = prop_oneof![1_u32..=1_030, Just(512), Just(513), Just(1_024), Just(1_025)];
    prop::collection::vec((seat, state()), 1..6)
}

/// The seats after each of these transactions, each block's version one more for each that changed it.
fn history(writes: &[Vec<(u32, SeatState)>]) -> Vec<Seats> {
    let mut all = vec![all_free()];
    for write in writes {
        let last = all.last().unwrap();
        let mut vector = last.vector().clone();
        let mut moved: Vec<usize> =
            write.iter().map(|(seat, _)| (*seat as usize - 1) / SEATS_PER_BLOCK).collect();
        moved.sort_unstable();
        moved.dedup();
        for block in moved {
            vector.blocks[block] += 1;
        }
        let change = |(seat_no, state): &(u32, SeatState)| {
            let version = vector.blocks[(*seat_no as usize - 1) / SEATS_PER_BLOCK];
            SeatChange { seat_no: *seat_no, version, state: *state }
        };
        let changes: Vec<_> = write.iter().map(change).collect();
        all.push(last.changed(vector, &changes).unwrap());
    }
    all
}

/// The changes since what is known as they travel: which seats, and how each stands now, with the block's version.
fn told(newest: &Seats, known: &SeatVector) -> Vec<SeatChange> {
    let seats = newest.changed_since(known).unwrap();
    let change = |seat_no: u32| SeatChange {
        seat_no,
        version: newest.vector().blocks[(seat_no as usize - 1) / SEATS_PER_BLOCK],
        state: newest.state(seat_no).unwrap(),
    };
    seats.into_iter().map(change).collect()
}

fn states(seats: &Seats) -> Vec<SeatState> {
    seats.states().collect()
}

proptest! {
    #[test]
    fn changes_lead_from_any_state_known_to_the_newest_also_by_way_of_another_view(
        writes in prop::collection::vec(write(), 0..12), from in any::<prop::sample::Index>(),
        by in any::<prop::sample::Index>(),
    ) {
        let all = history(&writes);
        let newest = all.last().unwrap();
        let known = &all[from.index(all.len())];
        let there = known.changed(newest.vector().clone(), &told(newest, known.vector())).unwrap();
        prop_assert_eq!(states(&there), states(newest));

        // Another view that knows only what it was told, in jumps, tells a third one all it needs.
        let jump = &all[by.index(all.len())];
        let first = all_free().changed(jump.vector().clone(), &told(jump, all_free().vector())).unwrap();
        let second = first.changed(newest.vector().clone(), &told(newest, first.vector())).unwrap();
        let third = known.changed(newest.vector().clone(), &told(&second, known.vector())).unwrap();
        prop_assert_eq!(states(&third), states(newest));
    }

    #[test]
    fn of_two_snapshots_the_later_covers_the_earlier(writes in prop::collection::vec(write(), 1..8)) {
        let all = history(&writes);
        for pair in all.windows(2) {
            prop_assert!(pair[1].vector().covers(pair[0].vector()));
            prop_assert!(!pair[0].vector().covers(pair[1].vector()));
        }
    }

    #[test]
    fn figures_are_what_the_states_come_to(writes in prop::collection::vec(write(), 0..12), now_us in 0_i64..110) {
        let all = history(&writes);
        let seats = all.last().unwrap();
        let figures = seats.figures(now_us);
        let shown: Vec<_> = seats.shown(now_us).collect();
        let available = shown.iter().filter(|shown| **shown == Shown::Available).count();
        prop_assert_eq!(figures.available as usize, available);
        // What is shown is a function of the states and the last end.
        prop_assert_eq!(&seats.shown(figures.last_end_us).collect::<Vec<_>>(), &shown);
        let until = figures.next_end_us.map_or(1_000, |next| next - 1);
        prop_assert_eq!(seats.figures(until), figures);
        prop_assert_eq!(&seats.shown(until).collect::<Vec<_>>(), &shown);
        if let Some(next) = figures.next_end_us {
            prop_assert!(seats.figures(next).available > figures.available);
        }
    }

    #[test]
    fn a_tally_is_what_is_shown(writes in prop::collection::vec(write(), 0..12), now_us in 0_i64..110) {
        let all = history(&writes);
        let seats = all.last().unwrap();
        let count = |wanted| seats.shown(now_us).filter(|shown| *shown == wanted).count() as u64;
        let tally = Tally {
            available: count(Shown::Available),
            held: count(Shown::Held),
            sold: count(Shown::Sold),
            blocked: count(Shown::Blocked),
        };
        prop_assert_eq!(seats.tally(now_us), tally);
        prop_assert_eq!((tally + tally).available, 2 * tally.available);
    }

    #[test]
    fn seats_whose_holds_ended_meanwhile_are_found(
        writes in prop::collection::vec(write(), 0..12), one in 0_i64..110, other in 0_i64..110,
    ) {
        let (before, after) = (one.min(other), one.max(other));
        let all = history(&writes);
        let seats = all.last().unwrap();
        let then: Vec<_> = seats.shown(before).collect();
        let now: Vec<_> = seats.shown(after).collect();
        let differ = (1..=1_030_u32).filter(|seat| then[*seat as usize - 1] != now[*seat as usize - 1]);
        let last_end_us = seats.figures(before).last_end_us;
        prop_assert_eq!(seats.ended_between(last_end_us, after), differ.collect::<Vec<_>>());
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let whole = |blocks: &[u64], codes: &[u8], ends: &[i64]| {
        let vector = SeatVector { epoch: 1, revision: 1, blocks: blocks.to_vec() };
        Seats::whole(vector, codes, ends)
    };
    assert!(whole(&[1], &[0, 1, 2, 3], &[5]).is_ok());
    assert_eq!(whole(&[1], &[], &[]), Err(Malformed::Count));
    assert_eq!(whole(&[1, 1], &[0], &[]), Err(Malformed::Versions));
    assert_eq!(whole(&[1], &[0; 513], &[]), Err(Malformed::Versions));
    assert_eq!(whole(&[1], &[4], &[]), Err(Malformed::State));
    assert_eq!(whole(&[1], &[1, 1], &[5]), Err(Malformed::State));
    assert_eq!(whole(&[1], &[1], &[5, 6]), Err(Malformed::Lists));
    let seats = all_free();
    for seat_no in [0, 1_031, u32::MAX] {
        assert_eq!(seats.state(seat_no), None);
        let change = SeatChange { seat_no, version: 2, state: SeatState::Sold };
        assert_eq!(seats.changed(vector([2, 1, 1]), &[change]), Err(Malformed::SeatNo));
    }
    let other = SeatVector { epoch: 8, ..vector([2, 1, 1]) };
    assert_eq!(seats.changed(other.clone(), &[]), Err(Malformed::Versions));
    assert_eq!(seats.changed_since(&other), None);
}

#[test]
fn blocks_that_do_not_change_are_the_same_memory() {
    let seats = all_free();
    let change = SeatChange { seat_no: 513, version: 2, state: SeatState::Sold };
    let after = seats.changed(vector([1, 2, 1]), &[change]).unwrap();
    let same: Vec<_> = seats.blocks.iter().zip(&after.blocks).map(|(a, b)| Arc::ptr_eq(a, b)).collect();
    assert_eq!(same, [true, false, true]);
    assert_eq!(after.changed_since(seats.vector()), Some(vec![513]));
}
