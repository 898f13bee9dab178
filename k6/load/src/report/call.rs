use super::{
    Reading,
    submetric::{self, Submetric},
};
use crate::results::{Metric, Summary};

/// What a run shows of one call of the API.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Call {
    /// The name that its requests are tagged with.
    pub(crate) name: String,
    /// Iterations a second that were to begin; `None` where the call has no plateau of its own.
    pub(crate) offered: Option<f64>,
    /// Requests a second that were made.
    pub(crate) achieved: Option<f64>,
    pub(crate) requests: Option<f64>,
    pub(crate) answers: Answers,
    /// Iterations that never began, of the call's plateau or else of the run.
    pub(crate) dropped: Option<f64>,
    pub(crate) latency: Latency,
    /// Whether every threshold on its time held; `None` where there is none.
    pub(crate) is_kept: Option<bool>,
    /// The thresholds that did not hold.
    pub(crate) missed: Vec<String>,
}

/// How often it was answered how. `None` where nobody counted, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Answers {
    pub(crate) ok: Option<f64>,
    pub(crate) not_modified: Option<f64>,
    /// Refused with 4xx, as the contract says.
    pub(crate) refused: Option<f64>,
    /// 5xx, no answer at all, and whatever the contract does not say.
    pub(crate) failed: Option<f64>,
}

/// Milliseconds from the request to the whole answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Latency {
    pub(crate) p50: Option<f64>,
    pub(crate) p90: Option<f64>,
    pub(crate) p95: Option<f64>,
    pub(crate) p99: Option<f64>,
    pub(crate) p999: Option<f64>,
    pub(crate) max: Option<f64>,
}

/// Every call that the summary tells apart, those first that the run is about.
pub(crate) fn calls(reading: &Reading) -> Vec<Call> {
    let Some(summary) = &reading.summary else { return Vec::new() };
    let mut names = reading.run.calls.clone();
    for name in summary.metrics.keys().map(|name| Submetric::of(name)) {
        if let (true, Some(call)) = (is_of_requests(name.metric), name.tags.get("name"))
            && !names.iter().any(|name| name == call)
        {
            names.push((*call).to_owned());
        }
    }
    names.into_iter().map(|name| call(reading, summary, name)).collect()
}

fn is_of_requests(metric: &str) -> bool {
    metric == "http_reqs" || metric == "http_req_duration"
}

fn call(reading: &Reading, summary: &Summary, name: String) -> Call {
    let (base, tags) = tags(&name);
    let time = submetric::part(summary, "http_req_duration", &tags);
    let plateau = plateau(reading, &name);
    let dropped = plateau
        .and_then(|plateau| {
            submetric::value(summary, "dropped_iterations", &[("scenario", plateau)], "count")
        })
        .or_else(|| summary.value("dropped_iterations", "count"))
        // The generator tells of this counter only once it has counted.
        .unwrap_or(0.0);
    let requests = requests(summary, &tags);
    let offered = plateau.map(|plateau| {
        reading
            .run
            .offered
            .iter()
            .filter(|offered| offered.scenario == plateau)
            .map(|offered| offered.rate)
            .fold(0.0, f64::max)
    });
    let missed: Vec<String> = time.map(missed).unwrap_or_default();
    Call {
        offered,
        achieved: requests.and_then(|requests| rate(reading, summary, plateau, requests, &tags)),
        requests,
        answers: answers(summary, base, &name),
        dropped: Some(dropped),
        latency: time.map(latency).unwrap_or_default(),
        is_kept: time.filter(|time| !time.thresholds.is_empty()).map(|_| missed.is_empty()),
        missed,
        name,
    }
}

/// `seats_304` is the call `seats` where it answers 304.
fn tags(name: &str) -> (&str, Vec<(&'static str, &str)>) {
    match name.split_once("_304") {
        Some((base, "")) => (base, vec![("name", base), ("status", "304")]),
        _ => (name, vec![("name", name)]),
    }
}

/// The plateau of the run that is the call's own.
fn plateau<'a>(reading: &'a Reading, call: &str) -> Option<&'a str> {
    let offered = &reading.run.offered;
    let own = offered.iter().find(|offered| offered.scenario == call);
    let only = offered.first().filter(|first| {
        reading.run.calls.first().is_some_and(|own| own == call)
            && offered.iter().all(|offered| offered.scenario == first.scenario)
    });
    own.or(only).map(|offered| offered.scenario.as_str())
}

fn requests(summary: &Summary, tags: &[(&str, &str)]) -> Option<f64> {
    submetric::value(summary, "http_reqs", tags, "count").or_else(|| {
        let counts: Vec<f64> = statuses(summary, tags).into_iter().map(|(_, count)| count).collect();
        (!counts.is_empty()).then(|| counts.iter().sum())
    })
}

/// Requests a second: over the plateau where the generator counted its iterations, else over the whole run.
fn rate(
    reading: &Reading,
    summary: &Summary,
    plateau: Option<&str>,
    requests: f64,
    tags: &[(&str, &str)],
) -> Option<f64> {
    let whole = submetric::value(summary, "http_reqs", tags, "rate");
    let plateau = plateau?;
    let seconds: f64 = reading
        .run
        .offered
        .iter()
        .filter(|offered| offered.scenario == plateau)
        .map(|offered| offered.seconds)
        .sum();
    let iterations = submetric::value(summary, "iterations", &[("scenario", plateau)], "count");
    iterations
        .filter(|_| seconds > 0.0)
        .map(|iterations| iterations / seconds)
        .or(whole)
        .or_else(|| (seconds > 0.0).then(|| requests / seconds))
}

/// By status, how many requests of a call were answered with it.
fn statuses(summary: &Summary, tags: &[(&str, &str)]) -> Vec<(u16, f64)> {
    let parts = summary.metrics.iter().map(|(name, metric)| (Submetric::of(name), metric));
    parts
        .filter(|(name, _)| name.metric == "http_reqs" && name.has(tags))
        .filter(|(name, _)| name.tags.keys().all(|key| ["name", "status"].contains(key)))
        .filter_map(|(name, metric)| {
            let status = name.tags.get("status")?.parse().ok()?;
            metric.values.get("count").map(|count| (status, *count))
        })
        .collect()
}

fn answers(summary: &Summary, base: &str, name: &str) -> Answers {
    let counts = statuses(summary, &[("name", base)]);
    if counts.is_empty() {
        return Answers::default();
    }
    let sum = |is: fn(u16) -> bool| {
        counts.iter().filter(|(status, _)| is(*status)).map(|(_, count)| *count).sum::<f64>()
    };
    if base != name {
        return Answers { not_modified: Some(sum(|status| status == 304)), ..Answers::default() };
    }
    let of_unexpected =
        submetric::value(summary, "onsale_unexpected", &[("name", base)], "count").unwrap_or(0.0);
    let by_server = sum(|status| !(200..500).contains(&status));
    // What the script had not expected is a failure, whatever its status is.
    let unexpected = (of_unexpected - by_server).max(0.0);
    Answers {
        ok: Some(sum(|status| (200..300).contains(&status))),
        not_modified: Some(sum(|status| status == 304)),
        refused: Some((sum(|status| (400..500).contains(&status)) - unexpected).max(0.0)),
        failed: Some(by_server + unexpected),
    }
}

fn latency(metric: &Metric) -> Latency {
    // Of a trend that nothing was added to, the generator says that every percentile is zero.
    let is_empty =
        metric.values.get("count").or_else(|| metric.values.get("max")).is_none_or(|value| *value <= 0.0);
    let value = |name: &str| metric.values.get(name).copied().filter(|_| !is_empty);
    Latency {
        p50: value("p(50)").or_else(|| value("med")),
        p90: value("p(90)"),
        p95: value("p(95)"),
        p99: value("p(99)"),
        p999: value("p(99.9)"),
        max: value("max"),
    }
}

fn missed(metric: &Metric) -> Vec<String> {
    metric.thresholds.iter().filter(|(_, threshold)| !threshold.ok).map(|(said, _)| said.clone()).collect()
}
