use std::collections::HashSet;

use proptest::{collection::vec, prelude::*};

use super::*;

const FREE: u8 = 0;
const SOLD: u8 = 2;

/// A seat of a test's hall: section, row, position, tier, accessible.
type TestSeat = (&'static str, u16, u16, &'static str, bool);

fn plan(seats: &[TestSeat]) -> SeatingPlan {
    SeatingPlan::new(seats.iter().map(|&(section, row_rank, position, tier, accessible)| PlanSeat {
        section,
        row_rank,
        position,
        tier,
        accessible,
    }))
}

/// A section of rows that are alike.
fn rows(section: &'static str, rows: u16, seats: u16) -> Vec<TestSeat> {
    (1..=rows).flat_map(|row| (1..=seats).map(move |position| (section, row, position, "A", false))).collect()
}

fn party(count: usize) -> Party {
    Party { count, tier: None, section: None, accessible: false }
}

/// Chooses, and marks what was chosen as sold.
fn sell(plan: &SeatingPlan, states: &mut [u8], party: &Party, dice: u64) -> Option<Vec<usize>> {
    let seats = plan.pick(states, party, dice)?;
    let indices: Vec<usize> = seats.iter().map(|seat| seat.0 as usize - 1).collect();
    for index in &indices {
        assert_eq!(states[*index], FREE);
        states[*index] = SOLD;
    }
    Some(indices)
}

/// Whether two seats are neighbours.
fn neighbours(one: TestSeat, other: TestSeat) -> bool {
    (one.0, one.1) == (other.0, other.1) && one.2.abs_diff(other.2) == 1
}

/// The seats whose neighbours for the same people are all taken.
fn alone(seats: &[TestSeat], states: &[u8]) -> HashSet<usize> {
    let free = |at: usize| states[at] == FREE;
    let lonely = |at: &usize| {
        !(0..seats.len()).any(|other| {
            free(other) && seats[other].4 == seats[*at].4 && neighbours(seats[*at], seats[other])
        })
    };
    (0..seats.len()).filter(|at| free(*at)).filter(lonely).collect()
}

/// In how many pieces seats lie.
fn pieces(seats: &[TestSeat], chosen: &[usize]) -> usize {
    let joined = |at: &usize| {
        chosen.iter().any(|before| seats[*before].2 < seats[*at].2 && neighbours(seats[*before], seats[*at]))
    };
    chosen.iter().filter(|at| !joined(at)).count()
}

/// The free runs that a party may have, found in another way: seat by seat.
fn free_runs(seats: &[TestSeat], states: &[u8], may_have: impl Fn(TestSeat) -> bool) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..seats.len()).collect();
    order.sort_by_key(|at| (seats[*at].0, seats[*at].1, seats[*at].2));
    let mut found: Vec<Vec<usize>> = Vec::new();
    for at in order.into_iter().filter(|at| states[*at] == FREE && may_have(seats[*at])) {
        match found.last_mut() {
            Some(run) if run.last().is_some_and(|last| neighbours(seats[*last], seats[at])) => run.push(at),
            _ => found.push(vec![at]),
        }
    }
    found
}

/// A hall of two sections, with aisles, two tiers, accessible seats, and seats numbered in any order.
fn halls() -> impl Strategy<Value = (Vec<TestSeat>, Vec<u8>)> {
    let seat = (prop_oneof![Just("S"), Just("T")], 1..5_u16, 1..13_u16);
    let seats = proptest::collection::hash_set(seat, 1..80);
    (seats, vec((prop_oneof![3 => Just(FREE), 1 => Just(SOLD)], any::<bool>(), 0..8_u8), 80)).prop_map(
        |(places, fates)| {
            let of =
                |((section, row, position), (_, dear, kind)): ((&'static str, u16, u16), &(u8, bool, u8))| {
                    (section, row, position, if *dear { "A" } else { "B" }, *kind == 0)
                };
            let seats: Vec<_> = places.into_iter().zip(&fates).map(of).collect();
            let states = fates.iter().take(seats.len()).map(|fate| fate.0).collect();
            (seats, states)
        },
    )
}

proptest! {
    #[test]
    fn what_is_chosen_is_free_and_as_asked_and_there_if_there_is_enough(
        (seats, states) in halls(),
        count in 1..9_usize,
        (tier, section, accessible) in any::<(bool, bool, bool)>(),
        dice in any::<u64>(),
    ) {
        let plan = plan(&seats);
        let (tier, section) = (tier.then(|| plan.tier("A")).flatten(), section.then(|| plan.section("S")).flatten());
        let may_have = |seat: TestSeat| {
            seat.4 == accessible && (tier.is_none() || seat.3 == "A") && (section.is_none() || seat.0 == "S")
        };
        let runs = free_runs(&seats, &states, may_have);
        let mut after = states.clone();
        let chosen = sell(&plan, &mut after, &Party { count, tier, section, accessible }, dice);
        let enough = runs.iter().map(Vec::len).sum::<usize>() >= count;
        prop_assert_eq!(chosen.is_some(), enough);
        let Some(chosen) = chosen else { return Ok(()) };
        prop_assert_eq!(chosen.iter().collect::<HashSet<_>>().len(), count);
        prop_assert!(chosen.is_sorted() && chosen.iter().all(|at| may_have(seats[*at])));
        // The longest runs first: no way to seat the party in fewer pieces.
        let mut lengths: Vec<usize> = runs.iter().map(Vec::len).collect();
        lengths.sort_by_key(|length| std::cmp::Reverse(*length));
        let fewest = (1..=lengths.len()).find(|n| lengths.iter().take(*n).sum::<usize>() >= count);
        prop_assert_eq!(Some(pieces(&seats, &chosen)), fewest);
    }

    #[test]
    fn nobody_is_left_alone_where_that_can_be_avoided(
        (seats, states) in halls(),
        count in 1..6_usize,
        dice in any::<u64>(),
    ) {
        let plan = plan(&seats);
        let newly_alone = |chosen: &[usize]| {
            let mut after = states.clone();
            for at in chosen {
                after[*at] = SOLD;
            }
            alone(&seats, &after).difference(&alone(&seats, &states)).count()
        };
        let runs = free_runs(&seats, &states, |seat| !seat.4);
        let fewest = runs.iter().flat_map(|run| run.windows(count)).map(newly_alone).min();
        if let (Some(fewest), Some(chosen)) = (fewest, plan.pick(&states, &party(count), dice)) {
            let chosen: Vec<usize> = chosen.iter().map(|seat| seat.0 as usize - 1).collect();
            prop_assert_eq!(newly_alone(&chosen), fewest);
        }
    }

    #[test]
    fn pairs_sell_out_rows_of_even_length(lengths in vec(1..12_u16, 1..6), dice in vec(any::<u64>(), 80)) {
        let seats: Vec<TestSeat> = (1..)
            .zip(lengths)
            .flat_map(|(row, pairs)| (1..=2 * pairs).map(move |position| ("S", row, position, "A", false)))
            .collect();
        let (plan, mut states) = (plan(&seats), vec![FREE; seats.len()]);
        let mut dice = dice.into_iter().cycle();
        while let Some(chosen) = sell(&plan, &mut states, &party(2), dice.next().unwrap_or(0)) {
            prop_assert_eq!(pieces(&seats, &chosen), 1);
            prop_assert!(alone(&seats, &states).is_empty());
        }
        prop_assert!(!states.contains(&FREE));
    }
}

#[test]
fn the_first_seats_are_near_the_stage_and_the_middle() {
    let seats = rows("S", 20, 30);
    let plan = plan(&seats);
    let states = vec![FREE; seats.len()];
    let mut places = HashSet::new();
    for dice in 0..1_000 {
        let chosen = plan.pick(&states, &party(2), dice).unwrap();
        for seat in &chosen {
            let (_, row, position, ..) = seats[seat.0 as usize - 1];
            assert!(row <= 4 && position.abs_diff(15) <= 8, "row {row}, seat {position}");
        }
        places.insert(chosen);
    }
    // A crowd is spread over them.
    assert!(places.len() >= 12, "{}", places.len());
}

#[test]
fn a_row_further_back_counts_like_two_seats_to_the_side() {
    // Of the first row only a place three seats aside is free, behind it the middle one.
    let mut seats = rows("S", 2, 9);
    let mut states = vec![SOLD; 18];
    states[1] = FREE;
    states[9 + 4] = FREE;
    let plan_of = |seats: &[TestSeat]| plan(seats);
    // As good as each other: one row, three seats.
    let plan = plan_of(&seats);
    let chosen: HashSet<_> = (0..10).map(|dice| plan.pick(&states, &party(1), dice).unwrap()[0].0).collect();
    assert_eq!(chosen, HashSet::from([2, 14]));
    // Five rows are too far behind to count.
    for seat in seats.iter_mut().filter(|seat| seat.1 == 2) {
        seat.1 = 7;
    }
    let plan = plan_of(&seats);
    assert!((0..10).all(|dice| plan.pick(&states, &party(1), dice).unwrap()[0].0 == 2));
}

#[test]
fn an_aisle_parts_a_row() {
    let seats: Vec<TestSeat> =
        [1, 2, 3, 5, 6, 7].into_iter().map(|position| ("S", 1, position, "A", false)).collect();
    let plan = plan(&seats);
    for dice in 0..10 {
        let chosen = plan.pick(&[FREE; 6], &party(3), dice).unwrap();
        assert!(chosen == [SeatNo(1), SeatNo(2), SeatNo(3)] || chosen == [SeatNo(4), SeatNo(5), SeatNo(6)]);
        // Nobody takes four together, and two and two leave a seat alone on each side: three and one do not.
        let chosen: Vec<usize> =
            plan.pick(&[FREE; 6], &party(4), dice).unwrap().iter().map(|seat| seat.0 as usize - 1).collect();
        assert_eq!(pieces(&seats, &chosen), 2);
    }
}

#[test]
fn a_party_that_is_split_stays_near() {
    // Rows of two, in two sections, and a party of four in the second: its rows follow each other.
    let mut seats = rows("S", 1, 2);
    seats.extend(rows("T", 9, 2));
    let plan = plan(&seats);
    let party = Party { section: plan.section("T"), ..party(4) };
    for dice in 0..20 {
        let chosen = plan.pick(&vec![FREE; seats.len()], &party, dice).unwrap();
        let rows: HashSet<u16> = chosen.iter().map(|seat| seats[seat.0 as usize - 1].1).collect();
        let (least, greatest) = (rows.iter().min().unwrap(), rows.iter().max().unwrap());
        assert_eq!(greatest - least, 1, "{rows:?}");
    }
}

#[test]
fn another_tier_beside_it_is_company() {
    // Two of tier A beside two of tier B: one of A leaves the other one beside B.
    let seats: Vec<TestSeat> = [(1, "A"), (2, "A"), (3, "B"), (4, "B")]
        .map(|(position, tier)| ("S", 1, position, tier, false))
        .to_vec();
    let plan = plan(&seats);
    let party = Party { tier: plan.tier("A"), ..party(1) };
    for dice in 0..10 {
        assert_eq!(plan.pick(&[FREE; 4], &party, dice), Some(vec![SeatNo(1)]));
    }
}

#[test]
fn nothing_is_chosen_where_nothing_can_be() {
    let plan = plan(&rows("S", 1, 4));
    assert_eq!(plan.pick(&[FREE; 4], &party(0), 0), None);
    assert_eq!(plan.pick(&[FREE; 4], &party(5), 0), None);
    assert_eq!(plan.pick(&[SOLD; 4], &party(1), 0), None);
    assert_eq!(plan.pick(&[], &party(1), 0), None);
    assert_eq!(plan.pick(&[FREE; 4], &Party { accessible: true, ..party(1) }, 0), None);
    assert_eq!(SeatingPlan::new([]).pick(&[], &party(1), 0), None);
    assert_eq!((plan.section("T"), plan.tier("B")), (None, None));
}
