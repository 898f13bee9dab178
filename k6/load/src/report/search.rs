use std::{collections::BTreeMap, path::Path};

use super::{
    Reading, ReportError,
    call::{self, Call, Latency},
    objective,
    rates::{Ladder, Step},
    reading,
};
use crate::results::{self, Capacity, Found, Held};

/// A search for capacity that a report is about, and the name that it has in it.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// The endpoint, and the generator where the report has searches of that endpoint by several.
    pub(crate) label: String,
    pub(crate) capacity: Capacity,
    /// The runs of its steps, by test id, as far as their folders are there.
    pub(crate) runs: BTreeMap<String, Reading>,
}

/// A search as it was asked for.
pub(crate) struct AskedSearch {
    pub(crate) label: Option<String>,
    pub(crate) capacity: Capacity,
    pub(crate) runs: BTreeMap<String, Reading>,
}

impl AskedSearch {
    /// The search of a folder; `None` where it holds none. Runs of its steps are within it, or beside it.
    pub(crate) fn read(label: Option<String>, folder: &Path) -> Result<Option<Self>, ReportError> {
        let Some(capacity) = reading::read::<Capacity>(&folder.join("capacity.json"))? else {
            return Ok(None);
        };
        let mut runs = BTreeMap::new();
        for step in &capacity.steps {
            let test_id = &step.measured.test_id;
            let within = folder.join(test_id);
            let run = if within.is_dir() { within } else { folder.join("..").join(test_id) };
            if run.join("run.json").is_file() {
                runs.insert(test_id.clone(), Reading::of(&run)?);
            }
        }
        Ok(Some(Self { label, capacity, runs }))
    }
}

/// Names searches.
pub(crate) fn searches(asked: Vec<AskedSearch>) -> Result<Vec<Search>, ReportError> {
    let mut of_endpoint: BTreeMap<String, usize> = BTreeMap::new();
    for search in asked.iter().filter(|search| search.label.is_none()) {
        *of_endpoint.entry(search.capacity.endpoint.clone()).or_default() += 1;
    }
    let mut searches: Vec<Search> = Vec::new();
    for AskedSearch { label, capacity, runs } in asked {
        let Capacity { endpoint, generator, .. } = &capacity;
        let is_only = of_endpoint.get(endpoint) == Some(&1);
        let own = || if is_only { endpoint.clone() } else { format!("{endpoint}-{generator}") };
        let label = label.unwrap_or_else(own);
        if searches.iter().any(|search| search.label == label) {
            return Err(ReportError::Twice(label));
        }
        searches.push(Search { label, capacity, runs });
    }
    Ok(searches)
}

impl Search {
    /// One of its runs, for what all of them have in common.
    pub(crate) fn any_run(&self) -> Option<&Reading> {
        self.runs.values().next()
    }

    /// Whether the search is over, and found the highest rate rather than one that the generator gave up beyond.
    pub(crate) fn is_at_least(&self) -> bool {
        matches!(self.capacity.found, Some(Found::Highest { is_at_least: true, .. }))
    }

    /// Why steps were not valid.
    pub(crate) fn given_up(&self) -> Vec<&str> {
        let outcomes = self.capacity.steps.iter().map(|step| &step.measured.outcome);
        let why = outcomes.filter_map(|outcome| match outcome {
            Held::GeneratorGaveUp { why } => Some(why.as_str()),
            Held::Held | Held::Failed { .. } | Held::Disturbed { .. } => None,
        });
        why.collect()
    }

    /// Its steps by rate; of repeats the middle one.
    pub(crate) fn ladder(&self) -> Ladder {
        let mut by_rate: BTreeMap<(bool, u64), Vec<Step>> = BTreeMap::new();
        for step in &self.capacity.steps {
            let step = self.step(step);
            by_rate.entry((step.is_valid, step.offered.to_bits())).or_default().push(step);
        }
        let mut steps: Vec<Step> = by_rate.values().filter_map(|steps| middle(steps)).collect();
        steps.sort_by(|one, other| one.offered.total_cmp(&other.offered));
        let (endpoint, run) = (&self.capacity.endpoint, self.any_run());
        let told = run.map(|run| objective::limits(run, endpoint)).filter(|limits| !limits.is_empty());
        let limits = told.unwrap_or_else(|| objective::ours(endpoint));
        Ladder { name: format!("capacity {}", self.label), steps, limits }
    }

    fn step(&self, step: &results::Step) -> Step {
        let measured = &step.measured;
        let seen = self.runs.get(&measured.test_id).and_then(|run| self.call(run));
        let latency = match &seen {
            Some(call) => call.latency,
            None => Latency { p95: measured.p95_ms, p99: measured.p99_ms, ..Latency::default() },
        };
        Step {
            offered: step.rate,
            goodput: seen.as_ref().and_then(Call::goodput).or(measured.achieved),
            latency,
            is_valid: measured.outcome.is_told(),
        }
    }

    /// What a step's run shows of the endpoint; of a journey nothing, which has many calls.
    fn call(&self, run: &Reading) -> Option<Call> {
        call::calls(run).into_iter().find(|call| call.name == self.capacity.endpoint)
    }
}

/// Of repeats at one rate, the middle of each value.
fn middle(steps: &[Step]) -> Option<Step> {
    let of = |value: &dyn Fn(&Step) -> Option<f64>| {
        results::Spread::of(steps.iter().filter_map(value)).map(|spread| spread.median)
    };
    Some(Step {
        offered: steps.first()?.offered,
        goodput: of(&|step| step.goodput),
        latency: Latency {
            p50: of(&|step| step.latency.p50),
            p95: of(&|step| step.latency.p95),
            p99: of(&|step| step.latency.p99),
            ..Latency::default()
        },
        is_valid: steps.first()?.is_valid,
    })
}
