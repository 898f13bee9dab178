use super::{
    Reading,
    plateau::Plateau,
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
    /// Iterations that never began; `None` where the call has no plateau of its own.
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
    /// Refused as the contract says, with 4xx or 503.
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

impl Call {
    /// Good answers a second.
    pub(crate) fn goodput(&self) -> Option<f64> {
        let good = self.answers.ok? + self.answers.not_modified.unwrap_or(0.0);
        let requests = self.requests.filter(|requests| *requests > 0.0)?;
        Some(self.achieved? * good / requests)
    }
}

/// Requests that get things ready, and are measured by nobody.
const NOT_MEASURED: [&str; 2] = ["warmup", "prepare"];

/// Every call that was made and that the summary tells apart, those first that the run is about.
pub(crate) fn calls(reading: &Reading) -> Vec<Call> {
    let Some(summary) = &reading.summary else { return Vec::new() };
    let mut names = reading.run.calls.clone();
    for part in summary.metrics.keys().map(|name| Submetric::of(name)) {
        let Some(call) = part.tags.get("name").filter(|_| part.metric == "http_req_duration") else {
            continue;
        };
        let is_not_modified = part.tags.get("status") == Some(&"304");
        let name = if is_not_modified { format!("{call}{NOT_MODIFIED}") } else { (*call).to_owned() };
        if !names.contains(&name) && !NOT_MEASURED.contains(call) {
            names.push(name);
        }
    }
    let is_about = |name: &String| reading.run.calls.contains(name);
    let calls = names.into_iter().map(|name| (is_about(&name), call(reading, summary, name)));
    calls
        .filter(|(is_about, call)| *is_about || call.requests.is_some_and(|count| count > 0.0))
        .map(|(_, call)| call)
        .collect()
}

fn call(reading: &Reading, summary: &Summary, name: String) -> Call {
    let tags = tags(&name);
    let time = submetric::part(summary, "http_req_duration", &tags);
    let errors = submetric::part(summary, "onsale_errors", &tags);
    let thresholds = || time.into_iter().chain(errors).flat_map(|metric| &metric.thresholds);
    let missed: Vec<String> =
        thresholds().filter(|(_, kept)| !kept.ok).map(|(said, _)| said.clone()).collect();
    let requests = requests(summary, &tags);
    let plateau = Plateau::of(reading, &name);
    Call {
        offered: plateau.as_ref().map(Plateau::offered),
        achieved: achieved(summary, plateau.as_ref(), &tags),
        requests,
        answers: answers(summary, requests, &tags),
        dropped: plateau.as_ref().map(|plateau| plateau.count(summary, "dropped_iterations").unwrap_or(0.0)),
        latency: time.map(latency).unwrap_or_default(),
        is_kept: thresholds().next().map(|_| missed.is_empty()),
        missed,
        name,
    }
}

/// What is added to the name of a call for those of its answers that are 304.
const NOT_MODIFIED: &str = "_304";

fn tags(name: &str) -> Vec<(&'static str, &str)> {
    match name.strip_suffix(NOT_MODIFIED) {
        Some(call) => vec![("name", call), ("status", "304")],
        None => vec![("name", name)],
    }
}

fn requests(summary: &Summary, tags: &[(&str, &str)]) -> Option<f64> {
    submetric::value(summary, "http_reqs", tags, "count")
        .or_else(|| submetric::value(summary, "http_req_duration", tags, "count"))
}

/// Requests a second: iterations over their plateau where the call has one of its own, else over the whole run.
fn achieved(summary: &Summary, plateau: Option<&Plateau<'_>>, tags: &[(&str, &str)]) -> Option<f64> {
    let of_plateau =
        plateau.and_then(|plateau| Some(plateau.count(summary, "iterations")? / plateau.seconds()));
    of_plateau.or_else(|| submetric::value(summary, "http_reqs", tags, "rate"))
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

fn answers(summary: &Summary, requests: Option<f64>, tags: &[(&str, &str)]) -> Answers {
    if tags.iter().any(|(tag, _)| *tag == "status") {
        return Answers { not_modified: requests, ..Answers::default() };
    }
    let counts = statuses(summary, tags);
    let Some(requests) = requests.filter(|_| !counts.is_empty()) else { return Answers::default() };
    let sum = |is: fn(u16) -> bool| {
        counts.iter().filter(|(status, _)| is(*status)).fold(0.0, |sum, (_, count)| sum + count)
    };
    let ok = sum(|status| (200..300).contains(&status));
    let not_modified = sum(|status| status == 304);
    // The script knows best which answers are as the contract says: a full line is a 503, and is meant.
    let failed = submetric::value(summary, "onsale_unexpected", tags, "count")
        .unwrap_or_else(|| sum(|status| !(200..500).contains(&status)));
    Answers {
        ok: Some(ok),
        not_modified: Some(not_modified),
        refused: Some((requests - ok - not_modified - failed).max(0.0)),
        failed: Some(failed),
    }
}

/// A percentile that no request is beyond is only the slowest one under another name, and is left out. Of a trend that nothing
/// was added to the generator says that every percentile is zero.
fn latency(metric: &Metric) -> Latency {
    let raw = |name: &str| metric.values.get(name).copied();
    let count = raw("count")
        .unwrap_or_else(|| if raw("max").is_some_and(|max| max > 0.0) { f64::INFINITY } else { 0.0 });
    let value = |name: &str, least: f64| raw(name).filter(|_| count >= least);
    Latency {
        p50: value("p(50)", 2.0).or_else(|| value("med", 2.0)),
        p90: value("p(90)", 10.0),
        p95: value("p(95)", 20.0),
        p99: value("p(99)", 100.0),
        p999: value("p(99.9)", 1_000.0),
        max: value("max", 1.0),
    }
}
