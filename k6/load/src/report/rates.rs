use std::collections::BTreeMap;

use super::{
    call::{Call, Latency},
    objective,
    subject::Subject,
};
use crate::results::What;

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

/// A call of a run, and what was offered to it.
type Run<'a> = (&'a Subject, &'a Call, f64);

/// The calls that several runs of one scenario measured at different rates, at the same place and without a fault.
pub(crate) fn of_runs(subjects: &[Subject]) -> Vec<Ladder> {
    let mut groups: BTreeMap<(&str, &str), Vec<Run<'_>>> = BTreeMap::new();
    for subject in subjects.iter().filter(|subject| !has_fault(subject)) {
        for call in &subject.calls {
            let Some(offered) = call.offered else { continue };
            let group = groups.entry((&subject.reading.run.scenario, &call.name)).or_default();
            if group.first().is_none_or(|(first, _, _)| is_same_place(first, subject)) {
                group.push((subject, call, offered));
            }
        }
    }
    groups.into_iter().filter_map(|((scenario, call), group)| ladder(scenario, call, group)).collect()
}

fn ladder(scenario: &str, call: &str, mut group: Vec<Run<'_>>) -> Option<Ladder> {
    group.sort_by(|(_, _, one), (_, _, other)| one.total_cmp(other));
    let (lowest, highest) = (group.first()?.2, group.last()?.2);
    if highest - lowest < 1e-6 {
        return None;
    }
    let steps = group.iter().map(|(subject, call, offered)| Step {
        offered: *offered,
        goodput: call.goodput(),
        latency: call.latency,
        is_valid: subject.is_valid(),
    });
    let name = if scenario == call { call.to_owned() } else { format!("{scenario} {call}") };
    Some(Ladder { name, steps: steps.collect(), limits: objective::limits(&group.first()?.0.reading, call) })
}

fn has_fault(subject: &Subject) -> bool {
    subject.reading.events.iter().any(|event| event.what == What::Fault)
}

fn is_same_place(one: &Subject, other: &Subject) -> bool {
    let (one, other) = (&one.reading.run, &other.reading.run);
    one.environment == other.environment
        && (&one.generator.tool, &one.generator.cpus) == (&other.generator.tool, &other.generator.cpus)
}
