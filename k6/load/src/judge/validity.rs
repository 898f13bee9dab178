use super::{Evidence, Slos, clock, generator, host, offer, presence};
use crate::results::Check;

/// Whether a run can be believed: what every reader should look at first.
pub(super) fn checks(evidence: &Evidence<'_>, slos: &Slos, objectives: &[Check]) -> Vec<Check> {
    let mut checks = presence::checks(evidence, slos);
    checks.extend(offer::checks(evidence));
    checks.extend(generator::checks(evidence, slos));
    checks.extend(clock::checks(evidence));
    checks.push(host::check_host(evidence, objectives, &checks));
    checks
}
