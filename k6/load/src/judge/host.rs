//! Whether the machine was there: what a host of virtual machines gives to others is missing to everybody here.

use super::{Evidence, check::check, figure::percent, objective::is_of_time};
use crate::results::Check;

/// Of the machine's time, what its host may have given to others.
const TAKEN: f64 = 0.05;

pub(crate) const HOST: &str = "machine's time taken by its host";

/// Whether a check is about the machine's host, which is to blame neither for the system nor for the generator.
pub(crate) fn is_about_host(check: &Check) -> bool {
    check.name == HOST
}

/// Time that is taken makes answers late and generators slow, and nothing else: what was promised and kept all the same was kept,
/// and an answer that is wrong is wrong. Of a run that was late, or not valid otherwise, nobody can tell whose fault it was.
pub(super) fn check_host(evidence: &Evidence<'_>, objectives: &[Check], others: &[Check]) -> Check {
    let missed = || objectives.iter().filter(|check| !check.holds);
    let is_merely_late = missed().next().is_some() && missed().all(is_of_time);
    let is_of_moment = is_merely_late || others.iter().any(|check| !check.holds);
    let limit = format!("≤ {}, where time was missing", percent(TAKEN));
    match taken(evidence) {
        Some(share) => check(HOST, limit, percent(share), share <= TAKEN || !is_of_moment),
        None => check(HOST, limit, "not known", false),
    }
}

/// The share of the machine's time, over all of the run.
fn taken(evidence: &Evidence<'_>) -> Option<f64> {
    let (first, last) = evidence.samples.first().zip(evidence.samples.last())?;
    let total = last.machine.total_seconds - first.machine.total_seconds;
    (total > 0.0).then(|| (last.machine.stolen_seconds - first.machine.stolen_seconds) / total)
}
