//! Whether everything that has to be known is known, and the run did what it is about.

use super::{
    Evidence, Slos,
    check::{check, some},
};
use crate::results::Check;

/// How k6 ends where a threshold was crossed, which objectives tell of.
const THRESHOLD_CROSSED: i32 = 99;

pub(super) fn checks(evidence: &Evidence<'_>, slos: &Slos) -> Vec<Check> {
    let mut checks = vec![end(evidence), required(evidence), declared(evidence, slos)];
    checks.extend(evidence.run.proves.iter().map(|counter| some(counter, evidence.value(counter, "count"))));
    checks.extend(evidence.run.calls.iter().map(|call| calls(evidence, call)));
    checks.push(bodies(evidence));
    checks.push(asked(evidence));
    checks.extend(room_seen(evidence));
    checks
}

/// Of a run of which no metrics are needed.
pub(super) fn of_generator_and_stores(evidence: &Evidence<'_>) -> Vec<Check> {
    [end(evidence), asked(evidence)].into_iter().chain(room_seen(evidence)).collect()
}

fn end(evidence: &Evidence<'_>) -> Check {
    let status = evidence.run.generator.exit_status;
    let is_known = status == 0 || (evidence.looks_at_bodies() && status == THRESHOLD_CROSSED);
    check("generator came to its end", "yes", format!("exit status {status}"), is_known)
}

/// Metrics without which a verdict would be about something that nobody has seen.
fn required(evidence: &Evidence<'_>) -> Check {
    let mut names: Vec<(String, &str)> = vec![
        ("http_reqs".into(), "count"),
        ("http_req_duration".into(), "p(95)"),
        ("iterations".into(), "count"),
    ];
    if evidence.looks_at_bodies() {
        names.extend(
            ["onsale_bodies", "onsale_broken", "onsale_unexpected"].map(|name| (name.into(), "count")),
        );
        names.push(("checks".into(), "passes"));
    }
    for call in &evidence.run.calls {
        let part = |metric: &str| format!("{metric}{{name:{}}}", name_of(call));
        names.extend([(part("http_reqs"), "count"), (part("http_req_failed"), "rate")]);
        names.extend(["p(95)", "p(99)"].map(|value| (part("http_req_duration"), value)));
    }
    let missing: Vec<&str> = names
        .iter()
        .filter(|(name, value)| evidence.value(name, value).is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    let seen =
        if missing.is_empty() { "all there".to_owned() } else { format!("missing: {}", missing.join(", ")) };
    check("required metrics", "all there", seen, missing.is_empty())
}

/// What `seats_304` is called in metrics: the answer's status tells it apart.
pub(super) fn name_of(call: &str) -> &str {
    if call == super::objective::NOT_MODIFIED { "seats" } else { call }
}

fn declared(evidence: &Evidence<'_>, slos: &Slos) -> Check {
    let calls = evidence.run.calls.iter().map(String::as_str);
    let missing: Vec<&str> = calls.filter(|call| slos.of(call).is_none()).collect();
    let seen = if missing.is_empty() { "all".to_owned() } else { format!("none for {}", missing.join(", ")) };
    check("calls with objectives", "all", seen, missing.is_empty())
}

/// k6 says that all percentiles are 0 where there was no request.
fn calls(evidence: &Evidence<'_>, call: &str) -> Check {
    let metric = match call {
        super::objective::NOT_MODIFIED => "http_reqs{name:seats,status:304}".to_owned(),
        _ => format!("http_reqs{{name:{call}}}"),
    };
    some(format!("{call} requests"), evidence.value(&metric, "count"))
}

fn bodies(evidence: &Evidence<'_>) -> Check {
    let name = "bodies looked at";
    if !evidence.looks_at_bodies() {
        let seen = format!("none: {} counts status codes, and looks at no body", evidence.run.generator.tool);
        return check(name, "none", seen, true);
    }
    let is_checked = |kind| evidence.value("checks", kind).unwrap_or_default() > 0.0;
    let looked =
        evidence.value("onsale_bodies", "count").filter(|_| is_checked("passes") || is_checked("fails"));
    some(name, looked)
}

/// A room that somebody watched, and that never answered, says nothing of I2 and I3.
fn room_seen(evidence: &Evidence<'_>) -> Option<Check> {
    let (looks, unanswered) = (evidence.room.serving.checked, evidence.room.unanswered);
    let seen = if looks == 0 { "never".to_owned() } else { format!("{looks} times") };
    (looks + unanswered > 0).then(|| check("room was seen", "> 0", seen, looks > 0))
}

fn asked(evidence: &Evidence<'_>) -> Check {
    let looked: usize = evidence.findings.iter().map(|finding| finding.checked).sum();
    let is_asked = !evidence.findings.is_empty();
    let seen = if is_asked { format!("{looked} things looked at") } else { "not asked".to_owned() };
    check("stores were asked", "yes", seen, is_asked)
}
