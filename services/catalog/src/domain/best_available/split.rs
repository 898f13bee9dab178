use super::{
    Party, SeatNo,
    plan::SeatingPlan,
    run::{Run, runs},
};

/// Seats for a party that no run takes whole: in as few runs as can be, each next one as near to
/// the first as that allows. None where there are not so many seats.
pub(super) fn pieces(plan: &SeatingPlan, states: &[u8], party: &Party, dice: u64) -> Option<Vec<SeatNo>> {
    let benches = plan.benches.iter().filter(|bench| bench.suits(party));
    let mut free: Vec<Run<'_>> = benches.flat_map(|bench| runs(plan, bench, states, party)).collect();
    // Stable: runs of one length stay in the order of their distance from the stage.
    free.sort_by_key(|run| std::cmp::Reverse(run.length()));
    let mut pieces = fewest(&free, party.count)?;
    let (mut seats, mut missing) = (Vec::with_capacity(party.count), party.count);
    let mut first: Option<Run<'_>> = None;
    while missing > 0 {
        let enough = shortest_enough(&free, pieces, missing);
        let run = free.remove(choose(&free, enough, first.as_ref(), dice)?);
        let count = run.length().min(missing);
        seats.extend(plan.numbers(run.best(plan, count)?));
        missing -= count;
        pieces = pieces.saturating_sub(1);
        first.get_or_insert(run);
    }
    Some(seats)
}

/// In how few of these runs, the longest first, so many seats are; none where there are not so many.
fn fewest(free: &[Run<'_>], count: usize) -> Option<usize> {
    let mut seats = 0;
    free.iter()
        .position(|run| {
            seats += run.length();
            seats >= count
        })
        .map(|last| last + 1)
}

/// How long a run has to be at least, for the longest others to take the rest in the pieces left.
fn shortest_enough(free: &[Run<'_>], pieces: usize, missing: usize) -> usize {
    let others: usize = free.iter().take(pieces.saturating_sub(1)).map(Run::length).sum();
    missing.saturating_sub(others).max(1)
}

/// Which of the runs that are long enough comes next: near the first piece, or where there is none
/// yet near the stage, by lot among the first few.
fn choose(free: &[Run<'_>], enough: usize, first: Option<&Run<'_>>, dice: u64) -> Option<usize> {
    let long_enough = free.partition_point(|run| run.length() >= enough);
    let Some(first) = first else {
        let few = u64::try_from(long_enough.clamp(1, 8)).ok()?;
        return usize::try_from(dice % few).ok();
    };
    (0..long_enough).min_by_key(|at| free.get(*at).map(|run| apart(first, run)))
}

/// How far two runs are from each other: another section is further than any row of the same.
fn apart(one: &Run<'_>, other: &Run<'_>) -> (bool, u16) {
    (one.bench.section != other.bench.section, one.bench.rank.abs_diff(other.bench.rank))
}
