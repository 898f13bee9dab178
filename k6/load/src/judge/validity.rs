use super::{Evidence, Slos, clock, generator, offer, presence};
use crate::results::Check;

/// Whether a run can be believed: what every reader should look at first.
pub(super) fn checks(evidence: &Evidence<'_>, slos: &Slos) -> Vec<Check> {
    let mut checks = presence::checks(evidence, slos);
    checks.extend(offer::checks(evidence));
    checks.extend(generator::checks(evidence, slos));
    checks.extend(clock::checks(evidence));
    checks
}
