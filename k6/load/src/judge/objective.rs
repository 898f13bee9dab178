//! Whether what was promised was kept.

use super::{
    Evidence, Slos,
    check::{at_most, below, check},
    figure::percent,
    presence::name_of,
    slo::Slo,
};
use crate::results::Check;

/// Seats that have not changed have objectives of their own: an answer without a body must not make up for those with one.
pub(super) const NOT_MODIFIED: &str = "seats_304";
/// The share of answers that may be neither a success nor a refusal by design.
const UNEXPECTED: f64 = 0.001;

pub(super) fn checks(evidence: &Evidence<'_>, slos: &Slos) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for call in &evidence.run.calls {
        // Without objectives a run is not valid, which is said there.
        if let Some(slo) = slos.of(call) {
            checks.extend(of_call(evidence, call, slo));
        }
    }
    if evidence.run.calls.iter().any(|call| call == "seats")
        && let (Some(slo), true) = (slos.of(NOT_MODIFIED), has_not_modified(evidence))
    {
        checks.extend(latency(evidence, NOT_MODIFIED, slo));
    }
    checks.push(unexpected(evidence));
    checks.push(bodies(evidence));
    checks.extend(thresholds(evidence));
    checks
}

fn of_call(evidence: &Evidence<'_>, call: &str, slo: &Slo) -> Vec<Check> {
    let mut checks = latency(evidence, call, slo);
    let failed = evidence.value(&format!("http_req_failed{{name:{}}}", name_of(call)), "rate");
    checks.push(below(
        format!("{call} failed"),
        100.0 * slo.error_share,
        failed.map(|share| 100.0 * share),
        " %",
    ));
    checks
}

/// Whether a promise is about how long something takes: one of ours is in milliseconds, one of a script is of a distribution.
pub(super) fn is_of_time(check: &Check) -> bool {
    check.limit.ends_with(" ms") || check.limit.starts_with("p(")
}

/// The wait for a whole answer, by the slower of all of a call's answers and of the whole ones among them.
fn latency(evidence: &Evidence<'_>, call: &str, slo: &Slo) -> Vec<Check> {
    let factor = factor(evidence);
    let limits = [("p(95)", slo.p95_ms), ("p(99)", slo.p99_ms)];
    let check = |(value, limit): (&str, f64)| {
        let seen = parts(call).iter().filter_map(|part| evidence.value(part, value)).reduce(f64::max);
        at_most(format!("{call} {value}"), factor * limit, seen, " ms")
    };
    limits.map(check).into()
}

fn parts(call: &str) -> Vec<String> {
    match call {
        NOT_MODIFIED => vec!["http_req_duration{name:seats,status:304}".to_owned()],
        "seats" => {
            vec![
                "http_req_duration{name:seats}".to_owned(),
                "http_req_duration{name:seats,status:200}".to_owned(),
            ]
        }
        _ => vec![format!("http_req_duration{{name:{call}}}")],
    }
}

fn has_not_modified(evidence: &Evidence<'_>) -> bool {
    evidence.value("http_reqs{name:seats,status:304}", "count").is_some_and(|count| count > 0.0)
}

/// A machine that is known to be slow is allowed more, and the limit that is shown says how much.
fn factor(evidence: &Evidence<'_>) -> f64 {
    let factor = evidence.run.settings.get("SLO_FACTOR").and_then(|factor| factor.parse::<f64>().ok());
    factor.filter(|factor| factor.is_finite() && *factor > 0.0).unwrap_or(1.0)
}

fn unexpected(evidence: &Evidence<'_>) -> Check {
    let name = "unexpected answers";
    let share = match (evidence.value("onsale_unexpected", "count"), evidence.value("http_reqs", "count")) {
        (Some(unexpected), Some(all)) if all > 0.0 => Some(unexpected / all),
        _ => None,
    };
    // While something is broken, what visitors are told is what the run is to find out.
    if evidence.has_fault() && evidence.run.calls.is_empty() {
        let seen = share.map_or("not known".to_owned(), percent);
        return check(name, "told, with a fault made", seen, share.is_some());
    }
    below(name, 100.0 * UNEXPECTED, share.map(|share| 100.0 * share), " %")
}

fn bodies(evidence: &Evidence<'_>) -> Check {
    let name = "bodies are as they have to be";
    if !evidence.looks_at_bodies() {
        return check(name, "not judged", "no body was looked at", true);
    }
    let count = |kind| evidence.value("checks", kind);
    match (count("passes"), count("fails")) {
        (Some(passes), Some(fails)) if passes + fails > 0.0 => {
            check(name, "all", percent(passes / (passes + fails)), fails <= 0.0)
        }
        _ => check(name, "all", "not known", false),
    }
}

/// The scenario's own thresholds: one line where all hold, else one for each that does not.
fn thresholds(evidence: &Evidence<'_>) -> Vec<Check> {
    let metrics = evidence.summary.iter().flat_map(|summary| &summary.metrics);
    let all = metrics
        .flat_map(|(metric, what)| what.thresholds.iter().map(move |(rule, held)| (metric, rule, held.ok)));
    let crossed: Vec<_> = all.clone().filter(|(.., ok)| !ok).collect();
    if crossed.is_empty() {
        let held = all.count();
        let seen = if held == 0 { "there is none".to_owned() } else { format!("{held} of {held}") };
        // Only scripts have any, and a script without one promises nothing.
        return vec![check("thresholds", "all", seen, held > 0 || !evidence.looks_at_bodies())];
    }
    crossed
        .iter()
        .map(|(metric, rule, _)| check(format!("threshold on {metric}"), rule.as_str(), "crossed", false))
        .collect()
}
