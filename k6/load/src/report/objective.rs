//! What a threshold of a script promises, as a number to draw a line at.

use super::{Reading, submetric};
use crate::judge::Slos;

/// What is promised of a value of the time of a call, in milliseconds: `p(99)` of `token`.
pub(crate) fn of_call(reading: &Reading, call: &str, value: &str) -> Option<f64> {
    let metric = submetric::part(reading.summary.as_ref()?, "http_req_duration", &[("name", call)])?;
    metric.thresholds.keys().find_map(|threshold| limit(threshold, value))
}

/// What is promised of the time of a call, each with what it is.
pub(crate) fn limits(reading: &Reading, call: &str) -> Vec<(f64, String)> {
    let named = [("p(95)", "p95"), ("p(99)", "p99")];
    named.into_iter().filter_map(|(value, name)| Some(below(name, of_call(reading, call, value)?))).collect()
}

/// What `slo.json` promises of the time of a call, where no run is there that tells.
pub(crate) fn ours(call: &str) -> Vec<(f64, String)> {
    let slos = Slos::ours();
    let slo = slos.of(call).into_iter();
    slo.flat_map(|slo| [below("p95", slo.p95_ms), below("p99", slo.p99_ms)]).collect()
}

fn below(name: &str, limit: f64) -> (f64, String) {
    (limit, format!("{name} has to be below {limit} ms"))
}

/// What is promised of a value of a metric: `max` of `onsale_seats_age`.
pub(crate) fn of_metric(reading: &Reading, metric: &str, value: &str) -> Option<f64> {
    let metric = reading.summary.as_ref()?.metrics.get(metric)?;
    metric.thresholds.keys().find_map(|threshold| limit(threshold, value))
}

/// `p(99)<150`, `max <= 250`.
fn limit(threshold: &str, value: &str) -> Option<f64> {
    let rest = threshold.trim().strip_prefix(value)?.trim_start();
    rest.strip_prefix('<')?.trim_start_matches('=').trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upper_limit_is_read_and_nothing_else() {
        assert_eq!(limit("p(99)<150", "p(99)"), Some(150.0));
        assert_eq!(limit("max <= 250.5", "max"), Some(250.5));
        assert_eq!(limit("p(99.9)<150", "p(99)"), None);
        assert_eq!(limit("rate>0.9", "rate"), None);
    }
}
