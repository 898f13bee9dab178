//! Whether what was offered was made: an open model is one only where every iteration begins when it has to.

use super::{
    Evidence,
    check::{at_least, at_most, check, none},
};
use crate::results::{Check, Offered};

/// Percent of what was offered that has to have been done.
const ACHIEVED: f64 = 99.0;
/// Percent of the virtual users that may be at work at once. Where more are, the next slow answer leaves none to begin the next
/// iteration, which then begins late or not at all.
const AT_WORK: f64 = 90.0;

pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    if !evidence.is_open() {
        let seen = "nothing is offered: a closed loop asks again when it is answered";
        return vec![check("offered", "none: a closed loop", seen, true)];
    }
    let mut checks: Vec<Check> = vec![none("dropped iterations", dropped(evidence))];
    checks.extend(evidence.run.offered.iter().map(|offered| achieved(evidence, offered)));
    if evidence.looks_at_bodies() {
        let at_work = at_work(evidence).map(|share| 100.0 * share);
        checks.push(at_most("virtual users at work", AT_WORK, at_work, " %"));
    }
    checks
}

/// Those of the measured parts, where each is told apart, else all. k6 puts the name of a scenario on them and none of its tags,
/// so that a part of them by tag, such as `phase:steady`, is 0 however many there were.
fn dropped(evidence: &Evidence<'_>) -> Option<f64> {
    let count = |metric: &str| evidence.value(metric, "count");
    let part = |offered: &Offered| count(&format!("dropped_iterations{{scenario:{}}}", offered.scenario));
    let measured: Option<f64> = evidence.run.offered.iter().map(part).sum();
    measured.or_else(|| count("dropped_iterations"))
}

fn achieved(evidence: &Evidence<'_>, offered: &Offered) -> Check {
    let name = format!("achieved of offered: {}", offered.scenario);
    let done = evidence.value(&format!("iterations{{scenario:{}}}", offered.scenario), "count");
    let due = offered.rate * offered.seconds;
    let share = done.filter(|_| due > 0.0).map(|done| 100.0 * done / due);
    at_least(name, ACHIEVED, share, " %")
}

fn at_work(evidence: &Evidence<'_>) -> Option<f64> {
    let most = evidence.value("vus", "max")?;
    let allocated = evidence.value("vus_max", "max").filter(|allocated| *allocated > 0.0)?;
    Some(most / allocated)
}
