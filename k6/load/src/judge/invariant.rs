//! Whether what always has to hold does: in the stores, in the room, and in what visitors saw.

use onsale_stack::invariants::Seen;

use super::{
    Evidence,
    check::{check, none},
};
use crate::results::Check;

/// How many of what is broken are told; there may be thousands of one kind.
const TOLD: usize = 3;

pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let stores = evidence.findings.iter();
    let mut checks: Vec<Check> = stores
        .map(|finding| {
            held(
                format!("{} in the stores", finding.invariant),
                &finding.says,
                finding.checked,
                &finding.broken,
            )
        })
        .collect();
    checks.extend(room(evidence));
    checks.extend(visitors(evidence));
    checks
}

fn held(name: String, says: &str, checked: usize, broken: &[String]) -> Check {
    let seen = match broken.len() {
        0 => format!("{checked} looked at"),
        count => {
            let told = broken.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
            format!("{count} of {checked} broken: {told}")
        }
    };
    check(name, says, seen, broken.is_empty())
}

/// A run that needs no room has none, and nobody watches one.
fn room(evidence: &Evidence<'_>) -> Vec<Check> {
    let room = evidence.room;
    if room.serving.checked + room.capacity.checked + room.unanswered == 0 {
        return Vec::new();
    }
    let held = |name: &str, says: &str, seen: &Seen| held(name.to_owned(), says, seen.checked, &seen.broken);
    vec![
        held("I2 in the room", "serving never falls, nor runs ahead of numbers", &room.serving),
        held("I3 in the room", "never more sessions than capacity", &room.capacity),
    ]
}

/// What bodies contradict. Generators that look at none cannot say.
fn visitors(evidence: &Evidence<'_>) -> Vec<Check> {
    if !evidence.looks_at_bodies() {
        return vec![check("seen by visitors", "nothing contradicts", "no body was looked at", true)];
    }
    let metrics = evidence.summary.iter().flat_map(|summary| summary.metrics.keys());
    let parts = metrics
        .filter_map(|name| Some((name, name.strip_prefix("onsale_broken{invariant:")?.strip_suffix('}')?)));
    let parts = parts.map(|(name, invariant)| (invariant, evidence.value(name, "count")));
    let broken = parts.filter(|(_, count)| count.is_some_and(|count| count > 0.0));
    let mut checks: Vec<Check> =
        broken.map(|(invariant, count)| none(format!("{invariant} seen by visitors"), count)).collect();
    let all = evidence.value("onsale_broken", "count");
    // What is not known is not broken: that a counter is missing makes the run not valid, which is said there.
    checks.push(check(
        "seen by visitors",
        "nothing contradicts",
        all.map_or("not known".to_owned(), |all| format!("{all} contradictions")),
        all.is_none_or(|all| all <= 0.0),
    ));
    checks
}
