//! A run that passes, for tests to make worse.

use std::collections::{BTreeMap, BTreeSet};

use onsale_stack::{invariants::Finding, operator::RoomSeen};

use crate::judge::{Evidence, Slos, judge_by};
use crate::results::{
    Check, Environment, Generator, Machine, Metric, Offered, Process, Run, Sample, Summary, Threshold,
    Verdict,
};

const SECONDS: u64 = 60;
const SLOS: &str = r#"{
    "token": {"p95Ms": 50, "p99Ms": 150, "errorShare": 0.001},
    "seats": {"p95Ms": 40, "p99Ms": 100, "errorShare": 0.001},
    "seats_304": {"p95Ms": 15, "p99Ms": 50, "errorShare": 0.001}
}"#;

/// What a run left behind.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) run: Run,
    pub(super) summary: Option<Summary>,
    pub(super) samples: Vec<Sample>,
    pub(super) findings: Vec<Finding>,
    pub(super) room: RoomSeen,
    pub(super) clock: Option<f64>,
    /// Metrics, and values of metrics, that were forgotten, which stay so.
    gone: BTreeSet<String>,
}

impl Left {
    /// By a run that is valid and passes.
    pub(super) fn sound() -> Self {
        let mut room = RoomSeen::default();
        room.serving.checked = 300;
        room.capacity.checked = 300;
        let broken = Vec::new();
        let finding =
            Finding { invariant: "I5".into(), says: "a seat has one owner".into(), checked: 40, broken };
        Self {
            run: run(),
            summary: Some(summary()),
            samples: (0..=SECONDS).map(sample).collect(),
            findings: vec![finding],
            room,
            clock: Some(0.4),
            gone: BTreeSet::new(),
        }
    }

    pub(super) fn evidence(&self) -> Evidence<'_> {
        Evidence {
            run: &self.run,
            summary: self.summary.as_ref(),
            samples: &self.samples,
            findings: &self.findings,
            room: &self.room,
            clock: self.clock,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        judge_by(&self.evidence(), &serde_json::from_str::<Slos>(SLOS).unwrap())
    }

    /// Sets a value of a metric, unless that is not known any more.
    pub(super) fn set(&mut self, metric: &str, value: &str, to: f64) {
        let is_gone = self.gone.contains(metric) || self.gone.contains(&format!("{metric} {value}"));
        let Some(Summary { metrics }) = self.summary.as_mut().filter(|_| !is_gone) else { return };
        metrics.entry(metric.to_owned()).or_default().values.insert(value.to_owned(), to);
    }

    pub(super) fn forget(&mut self, metric: &str) {
        self.gone.insert(metric.to_owned());
        if let Some(summary) = &mut self.summary {
            summary.metrics.remove(metric);
        }
    }

    /// A value that is there and says nothing.
    pub(super) fn spoil(&mut self, metric: &str, value: &str) {
        self.set(metric, value, f64::NAN);
        self.gone.insert(format!("{metric} {value}"));
    }

    /// Crosses a threshold that held.
    pub(super) fn cross(&mut self, metric: &str) {
        let metric = self.summary.as_mut().and_then(|summary| summary.metrics.get_mut(metric));
        let thresholds = metric.into_iter().flat_map(|metric| metric.thresholds.values_mut());
        thresholds.for_each(|threshold| threshold.ok = false);
    }

    /// What the generator used from a second on, each second, in seconds.
    pub(super) fn generator_uses(&mut self, seconds: std::ops::Range<usize>, cpu: f64, delay: f64) {
        let mut more = (0.0, 0.0);
        for (second, sample) in self.samples.iter_mut().enumerate() {
            let generator = sample.processes.get_mut("k6").unwrap();
            generator.cpu_seconds += more.0;
            generator.delay_seconds += more.1;
            if seconds.contains(&second) {
                more = (more.0 + cpu, more.1 + delay);
            }
        }
    }
}

/// The names of what did not hold.
pub(super) fn broken(checks: &[Check]) -> Vec<&str> {
    checks.iter().filter(|check| !check.holds).map(|check| check.name.as_str()).collect()
}

fn run() -> Run {
    Run {
        test_id: "token-20261122-120000-00ff".into(),
        scenario: "token".into(),
        question: "how fast?".into(),
        began_at: 1_000_000,
        ended_at: 1_000_000 + 1_000 * SECONDS,
        settings: BTreeMap::new(),
        offered: vec![Offered { scenario: "token".into(), rate: 200.0, seconds: 50.0 }],
        calls: vec!["token".into(), "seats".into()],
        proves: vec!["onsale_admitted".into()],
        generator: Generator {
            tool: "k6".into(),
            version: "0.57.0".into(),
            exit_status: 0,
            cpus: vec![0, 1],
        },
        environment: Environment {
            processor: "one".into(),
            processors: 2,
            memory_bytes: 8 << 30,
            kernel: "6".into(),
            commit: String::new(),
            copies: [1, 1, 1],
            stores: BTreeMap::new(),
            is_shared: true,
            servers_on: Vec::new(),
        },
    }
}

fn sample(second: u64) -> Sample {
    let seconds = f64::from(u32::try_from(second).unwrap());
    let generator =
        Process { cpu_seconds: 0.5 * seconds, resident_bytes: 1 << 20, delay_seconds: 0.3 * seconds };
    Sample {
        at: 1_000_000 + 1_000 * second,
        since_start_ms: 1_000 * second,
        processes: BTreeMap::from([("k6".to_owned(), generator)]),
        machine: Machine { busy_seconds: seconds, stolen_seconds: 0.0, total_seconds: 2.0 * seconds },
        room: None,
    }
}

fn summary() -> Summary {
    let counts = [
        ("http_reqs", 20_000.0),
        ("iterations", 10_000.0),
        ("iterations{scenario:token}", 10_000.0),
        ("dropped_iterations", 0.0),
        ("onsale_bodies", 20_000.0),
        ("onsale_broken", 0.0),
        ("onsale_broken{invariant:I4}", 0.0),
        ("onsale_unexpected", 0.0),
        ("onsale_admitted", 100.0),
        ("http_reqs{name:token}", 10_000.0),
        ("http_reqs{name:seats}", 10_000.0),
        ("http_reqs{name:seats,status:304}", 5_000.0),
    ];
    let mut summary = Summary::default();
    let mut put = |name: &str, values: &[(&str, f64)]| {
        let values = values.iter().map(|(value, number)| ((*value).to_owned(), *number)).collect();
        summary.metrics.insert(name.to_owned(), Metric { values, ..Metric::default() });
    };
    for (name, count) in counts {
        put(name, &[("count", count)]);
    }
    put("checks", &[("passes", 40_000.0), ("fails", 0.0), ("rate", 1.0)]);
    put("vus", &[("max", 20.0)]);
    put("vus_max", &[("max", 100.0)]);
    put("http_req_failed{name:token}", &[("rate", 0.0)]);
    put("http_req_failed{name:seats}", &[("rate", 0.0)]);
    for part in ["", "{name:token}", "{name:seats}", "{name:seats,status:200}", "{name:seats,status:304}"] {
        put(&format!("http_req_duration{part}"), &[("p(95)", 8.0), ("p(99)", 20.0)]);
    }
    let threshold = BTreeMap::from([("p(95)<50".to_owned(), Threshold { ok: true })]);
    if let Some(metric) = summary.metrics.get_mut("http_req_duration{name:token}") {
        metric.thresholds = threshold;
    }
    summary
}
