use super::figure::figure;
use crate::results::Check;

/// Something that was looked at, where what was seen is more than a number.
pub(super) fn check(
    name: impl Into<String>,
    limit: impl Into<String>,
    seen: impl Into<String>,
    holds: bool,
) -> Check {
    Check { name: name.into(), limit: limit.into(), seen: seen.into(), holds }
}

/// A number that must not be above a limit. One that is not known does not hold.
pub(super) fn at_most(name: impl Into<String>, limit: f64, seen: Option<f64>, unit: &str) -> Check {
    compare(name, "≤", limit, seen, unit, seen.is_some_and(|seen| seen <= limit))
}

/// A number that has to be below a limit. One that is not known does not hold.
pub(super) fn below(name: impl Into<String>, limit: f64, seen: Option<f64>, unit: &str) -> Check {
    compare(name, "<", limit, seen, unit, seen.is_some_and(|seen| seen < limit))
}

/// A number that must not be below a limit. One that is not known does not hold.
pub(super) fn at_least(name: impl Into<String>, limit: f64, seen: Option<f64>, unit: &str) -> Check {
    compare(name, "≥", limit, seen, unit, seen.is_some_and(|seen| seen >= limit))
}

/// A count of what must not happen.
pub(super) fn none(name: impl Into<String>, seen: Option<f64>) -> Check {
    let is_none = seen.is_some_and(|seen| seen <= 0.0);
    check(name, "0", shown(seen, ""), is_none)
}

/// A count of what has to happen.
pub(super) fn some(name: impl Into<String>, seen: Option<f64>) -> Check {
    check(name, "> 0", shown(seen, ""), seen.is_some_and(|seen| seen > 0.0))
}

fn compare(
    name: impl Into<String>,
    sign: &str,
    limit: f64,
    seen: Option<f64>,
    unit: &str,
    holds: bool,
) -> Check {
    check(name, format!("{sign} {}", shown(Some(limit), unit)), shown(seen, unit), holds)
}

fn shown(value: Option<f64>, unit: &str) -> String {
    match value {
        Some(value) => format!("{}{unit}", figure(value)),
        None => "not known".to_owned(),
    }
}
