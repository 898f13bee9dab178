//! Whether times mean what they say.

use super::{
    Evidence,
    check::{at_most, check},
};
use crate::results::{Check, Sample};

/// The difference of two samples on the wall's clock and on the one that is never set, in milliseconds: as much as what is shown
/// of seats may be old, the shortest time that is judged by the wall's clock.
const JUMP_MS: f64 = 250.0;
/// Seconds between this clock and that of the gateway, whose `Date` has whole ones.
const APART: f64 = 1.5;

pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let apart = evidence.clock.map(f64::abs).filter(|apart| apart.is_finite());
    vec![jump(evidence.samples), at_most("gateway's clock against this one", APART, apart, " s")]
}

fn jump(samples: &[Sample]) -> Check {
    let pairs = samples.windows(2).filter_map(|pair| match pair {
        [before, after] => {
            Some(signed(after.at, before.at) - signed(after.since_start_ms, before.since_start_ms))
        }
        _ => None,
    });
    let name = "this clock's jumps";
    match pairs.map(f64::abs).reduce(f64::max) {
        Some(jump) => at_most(name, JUMP_MS, Some(jump), " ms"),
        None => check(name, format!("≤ {JUMP_MS} ms"), "not known", false),
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds between samples are far from 2^53")]
fn signed(after: u64, before: u64) -> f64 {
    let apart = after.abs_diff(before) as f64;
    if after < before { -apart } else { apart }
}
