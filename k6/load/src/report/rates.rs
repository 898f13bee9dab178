use std::collections::BTreeMap;

use super::{
    call::{Call, Latency},
    objective,
    subject::Subject,
};

/// One call at several rates, the lowest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ladder {
    /// The call's name, or the journey's.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
    /// What is promised, in milliseconds, and its name.
    pub(crate) limits: Vec<(f64, String)>,
}

/// What was seen at one rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Step {
    pub(crate) offered: f64,
    /// Good answers a second.
    pub(crate) goodput: Option<f64>,
    pub(crate) latency: Latency,
    pub(crate) is_valid: bool,
}

impl Ladder {
    /// Whether any step of it can be believed.
    pub(crate) fn is_valid(&self) -> bool {
        self.steps.iter().any(|step| step.is_valid)
    }
}

/// The calls that several runs of a report measured at different rates.
pub(crate) fn of_runs(subjects: &[Subject]) -> Vec<Ladder> {
    let mut ladders: BTreeMap<&str, Ladder> = BTreeMap::new();
    for subject in subjects {
        for call in &subject.calls {
            let Some(offered) = call.offered else { continue };
            let ladder = ladders
                .entry(&call.name)
                .or_insert_with(|| Ladder { name: call.name.clone(), ..Ladder::default() });
            ladder.steps.push(Step {
                offered,
                goodput: goodput(call),
                latency: call.latency,
                is_valid: subject.is_valid(),
            });
            if ladder.limits.is_empty() {
                ladder.limits = limits(subject, call);
            }
        }
    }
    let mut ladders: Vec<Ladder> = ladders.into_values().collect();
    for ladder in &mut ladders {
        ladder.steps.sort_by(|one, other| one.offered.total_cmp(&other.offered));
    }
    let is_one_rate =
        |ladder: &Ladder| ladder.steps.windows(2).all(|pair| pair[1].offered - pair[0].offered < 1e-6);
    ladders.retain(|ladder| !is_one_rate(ladder));
    ladders
}

fn goodput(call: &Call) -> Option<f64> {
    let good = call.answers.ok? + call.answers.not_modified.unwrap_or(0.0);
    let requests = call.requests.filter(|requests| *requests > 0.0)?;
    Some(call.achieved? * good / requests)
}

fn limits(subject: &Subject, call: &Call) -> Vec<(f64, String)> {
    let named = [("p(95)", "p95"), ("p(99)", "p99")];
    let limits = named.into_iter().filter_map(|(value, name)| {
        let limit = objective::of_call(&subject.reading, &call.name, value)?;
        Some((limit, format!("{name} has to be below {limit} ms")))
    });
    limits.collect()
}
