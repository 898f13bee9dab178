//! What is to be made of a run: whether it can be believed, and only then whether it passed.
//!
//! Everything here is a function of what a run left behind, so that a verdict can be given again from the files, and a rule
//! be tested without a run. Three lists are made, in this order:
//!
//! 1. *validity* ([`validity`]): the generator offered what it says, had a processor when it needed one, the run did what it
//!    is about, and everything that has to be known is known;
//! 2. *objectives* ([`objective`]): what was promised: `slo.json`, the thresholds of the scenario, and no unexpected answer;
//! 3. *invariants* ([`invariant`]): what always has to hold, in the stores, in the room, and in what visitors saw.
//!
//! What is not known never counts as kept. An invariant that is broken is believed of any run: no generator, however starved,
//! sells a seat twice. Everything else that a run says is worth nothing where the run is not valid.

mod check;
mod clock;
mod figure;
mod generator;
mod host;
mod invariant;
mod objective;
mod offer;
mod overload;
mod presence;
mod slo;
mod text;
mod validity;

#[cfg(test)]
mod tests;

use onsale_stack::{invariants::Finding, operator::RoomSeen};

#[cfg(test)]
pub(crate) use generator::ABOUT_GENERATOR;
pub(crate) use generator::is_about_generator;
#[cfg(test)]
pub(crate) use host::HOST;
pub(crate) use host::is_about_host;
pub(crate) use overload::{OVERLOAD_CALLS, judge_overload};
pub use slo::{Slo, Slos};
pub use text::text;

use crate::results::{Check, Outcome, Run, Sample, Summary, Verdict};

/// What a run left behind, as far as a verdict needs it.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What was run.
    pub run: &'a Run,
    /// What the generator measured; `None` where it told nothing.
    pub summary: Option<&'a Summary>,
    /// What was used, sample by sample.
    pub samples: &'a [Sample],
    /// What the stores hold against what has to hold.
    pub findings: &'a [Finding],
    /// What was seen of the room.
    pub room: &'a RoomSeen,
    /// By how many seconds the gateway's clock differs from the one here; `None` where it could not be asked.
    pub clock: Option<f64>,
}

impl Evidence<'_> {
    /// A value of a metric; `None` where it is not known, which is not zero.
    fn value(&self, metric: &str, value: &str) -> Option<f64> {
        self.summary?.value(metric, value).filter(|value| value.is_finite())
    }

    /// Whether the load came at a rate of its own, and did not wait for answers.
    fn is_open(&self) -> bool {
        !self.run.offered.is_empty()
    }

    /// Whether the generator looks at what it is answered. Only scripts do.
    fn looks_at_bodies(&self) -> bool {
        self.run.generator.tool == "k6"
    }

    /// Whether something was broken on purpose.
    fn has_fault(&self) -> bool {
        self.run.settings.get("FAULT").is_some_and(|fault| !fault.is_empty())
    }
}

/// Gives the verdict on a run.
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    judge_by(evidence, &Slos::ours())
}

/// Gives the verdict on a run by these objectives.
#[must_use]
pub fn judge_by(evidence: &Evidence<'_>, slos: &Slos) -> Verdict {
    let objectives = objective::checks(evidence, slos);
    let validity = validity::checks(evidence, slos, &objectives);
    let invariants = invariant::checks(evidence);
    Verdict { outcome: outcome(&validity, &objectives, &invariants), validity, objectives, invariants }
}

fn outcome(validity: &[Check], objectives: &[Check], invariants: &[Check]) -> Outcome {
    let hold = |checks: &[Check]| checks.iter().all(|check| check.holds);
    if !hold(invariants) {
        return Outcome::Failed;
    }
    if !hold(validity) {
        return Outcome::NotValid;
    }
    if hold(objectives) { Outcome::Passed } else { Outcome::Failed }
}
