use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{call::Call, subject::Subject, table::Table};
use crate::results::{Environment, Generator, Run};

/// Every figure that a text may quote: `figures.json`. What is compared with it later, and what documents are written from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// By key: `<name of the run>.<call>.p99_ms`. A run of one call has its figures without the call's name as well.
    pub(crate) values: BTreeMap<String, f64>,
    /// Names of runs whose figures say nothing about the system.
    pub(crate) not_valid: Vec<String>,
    /// Where each run was, and what made its load.
    pub(crate) environments: BTreeMap<String, Place>,
    /// The report's tables, without a language.
    pub(crate) tables: BTreeMap<String, Table>,
}

/// What has to be the same for figures to be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) generator: Generator,
    pub(crate) environment: Environment,
    /// What the scenario was told, but for what differs from run to run.
    pub(crate) settings: BTreeMap<String, String>,
}

impl Figures {
    /// The figures of runs; tables are added by the sections that show them.
    pub(crate) fn of(subjects: &[Subject]) -> Self {
        let mut figures = Self::default();
        for subject in subjects {
            figures.add(subject);
        }
        figures
    }

    fn add(&mut self, subject: &Subject) {
        let name = subject.label.as_str();
        let run = &subject.reading.run;
        if !subject.is_valid() {
            self.not_valid.push(name.to_owned());
        }
        self.place(name.to_owned(), run, &[]);
        for (key, value) in whole(subject) {
            self.values.insert(format!("{name}.{key}"), kept(value));
        }
        let is_one = subject.calls.len() == 1 || run.calls.len() == 1;
        for (index, call) in subject.calls.iter().enumerate() {
            for (key, value) in of_call(call) {
                self.values.insert(format!("{name}.{}.{key}", call.name), kept(value));
                if is_one && index == 0 {
                    self.values.insert(format!("{name}.{key}"), kept(value));
                }
            }
        }
    }

    /// Keeps where a run was, without the settings that are no condition of it.
    pub(crate) fn place(&mut self, name: String, run: &Run, but_for: &[&str]) {
        let mut settings = run.settings.clone();
        settings.retain(|key, _| !is_of_one_run(key) && !but_for.contains(&key.as_str()));
        let place =
            Place { generator: run.generator.clone(), environment: run.environment.clone(), settings };
        self.environments.insert(name, place);
    }

    /// Whether a key is of a run that cannot be believed.
    pub(crate) fn is_not_valid(&self, key: &str) -> bool {
        let is_of = |name: &String| key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        self.not_valid.iter().any(is_of)
    }
}

/// To ten figures: beyond that, what a sum comes to is a matter of how a program was built.
fn kept(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

/// Whether each run has its own of a setting, which says nothing about what was measured.
pub(crate) fn is_of_one_run(setting: &str) -> bool {
    OF_ONE_RUN.contains(&setting)
}

const OF_ONE_RUN: [&str; 6] = ["CONCERT_ID", "ONSALE_GATEWAYS", "ROOM_ID", "SCHEDULES", "SEED", "TEST_ID"];

/// Figures of a run as a whole.
fn whole(subject: &Subject) -> Vec<(String, f64)> {
    let reading = &subject.reading;
    let mut figures = Vec::new();
    let mut put = |key: String, value: Option<f64>| figures.extend(value.map(|value| (key, value)));
    put("seconds".to_owned(), Some(reading.seconds(reading.run.ended_at)));
    put("requests".to_owned(), reading.value("http_reqs", "count"));
    put("requests_per_second".to_owned(), reading.value("http_reqs", "rate"));
    put("iterations".to_owned(), reading.value("iterations", "count"));
    put(
        "dropped".to_owned(),
        reading.summary.as_ref().map(|_| reading.value("dropped_iterations", "count").unwrap_or(0.0)),
    );
    for (process, milliseconds) in subject.cpu_per_request() {
        put(format!("cpu_ms_per_request.{process}"), Some(milliseconds));
    }
    let own = reading.summary.iter().flat_map(|summary| &summary.metrics);
    for (name, metric) in own.filter(|(name, _)| name.starts_with("onsale_")) {
        for (value, key) in VALUES_OF_OWN {
            put(format!("{name}.{key}"), metric.values.get(value).copied());
        }
    }
    figures
}

/// What is kept of Onsale's own metrics.
const VALUES_OF_OWN: [(&str, &str); 6] = [
    ("count", "count"),
    ("med", "p50"),
    ("p(50)", "p50"),
    ("p(95)", "p95"),
    ("p(99)", "p99"),
    ("max", "max"),
];

fn of_call(call: &Call) -> Vec<(&'static str, f64)> {
    let Call { latency, answers, .. } = call;
    let figures = [
        ("offered_per_second", call.offered),
        ("achieved_per_second", call.achieved),
        ("requests", call.requests),
        ("dropped", call.dropped),
        ("ok", answers.ok),
        ("not_modified", answers.not_modified),
        ("refused", answers.refused),
        ("failed", answers.failed),
        ("p50_ms", latency.p50),
        ("p90_ms", latency.p90),
        ("p95_ms", latency.p95),
        ("p99_ms", latency.p99),
        ("p999_ms", latency.p999),
        ("max_ms", latency.max),
    ];
    figures.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
}
