use rand::{Rng, RngExt as _};
use serde_json::{Value, json};

/// The most seats that one visitor takes.
const MOST: usize = 4;

/// Which of a schedule's seats are free, of one character for each.
pub(super) fn free_seats(states: &str) -> Vec<u64> {
    (1..).zip(states.chars()).filter(|(_, state)| *state == 'A').map(|(seat, _)| seat).collect()
}

/// Which of the free seats a visitor would like: some that follow each other where there are such, as people choose;
/// a quarter leave it to the house. `None` where nothing is free.
pub(super) fn choose(free: &[u64], dice: &mut impl Rng) -> Option<Value> {
    if free.is_empty() {
        return None;
    }
    let count = dice.random_range(1..=MOST.min(free.len()));
    if dice.random_ratio(1, 4) {
        return Some(json!({"bestAvailable": {"count": count}}));
    }
    let first = dice.random_range(0..=free.len() - count);
    Some(json!({ "seatIds": free[first..first + count] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_free_is_wanted() {
        let free = free_seats("HASA");
        assert_eq!(free, [2, 4]);
        let mut dice = rand::rng();
        for _ in 0..200 {
            let wanted = choose(&free, &mut dice).unwrap();
            let named = wanted["seatIds"].as_array().cloned().unwrap_or_default();
            assert!(named.iter().all(|seat| seat == 2 || seat == 4), "{wanted}");
            assert!(named.len() <= 2, "{wanted}");
        }
        assert_eq!(choose(&[], &mut dice), None);
    }
}
