//! What a run says about the rate that it was made at.

use crate::{
    judge::{is_about_generator, is_about_host},
    results::{Check, Held, Measured, Outcome, Run, Summary, Verdict},
};

/// What came of a step, from the run that it was.
#[must_use]
pub fn measured(run: &Run, summary: Option<&Summary>, verdict: &Verdict) -> Measured {
    let value = |metric: &str, value: &str| summary.and_then(|summary| summary.value(metric, value));
    let slowest = |percentile: &str| {
        let calls = run.calls.iter();
        calls
            .filter_map(|call| value(&format!("http_req_duration{{name:{call}}}"), percentile))
            .reduce(f64::max)
    };
    Measured {
        test_id: run.test_id.clone(),
        outcome: held(verdict),
        achieved: achieved(run, value),
        p95_ms: slowest("p(95)"),
        p99_ms: slowest("p(99)"),
    }
}

/// Iterations a second, of all plateaus together where there are several at once.
fn achieved(run: &Run, value: impl Fn(&str, &str) -> Option<f64>) -> Option<f64> {
    let rates = run.offered.iter().map(|offered| {
        let done = value(&format!("iterations{{scenario:{}}}", offered.scenario), "count")?;
        (offered.seconds > 0.0).then(|| done / offered.seconds)
    });
    let rates = rates.collect::<Option<Vec<f64>>>()?;
    (!rates.is_empty()).then(|| rates.iter().sum())
}

/// Whether the rate held.
///
/// A system that is too slow keeps virtual users waiting until there are none left, so that iterations are dropped: a run that is
/// not valid for that alone, with objectives missed and a generator that had its processors, tells that the system failed.
/// Where the generator had not what it needs, nobody knows whose the wait was.
fn held(verdict: &Verdict) -> Held {
    let (invariants, objectives) = (broken(&verdict.invariants), broken(&verdict.objectives));
    match verdict.outcome {
        Outcome::Passed => Held::Held,
        Outcome::Failed if !invariants.is_empty() => {
            Held::Failed { why: names(&invariants), is_invariant: true }
        }
        Outcome::Failed => Held::Failed { why: names(&objectives), is_invariant: false },
        Outcome::NotValid => {
            let validity = broken(&verdict.validity);
            if validity.iter().any(|check| is_about_host(check)) {
                return Held::Disturbed { why: names(&[objectives, validity].concat()) };
            }
            let is_its_own = validity.iter().any(|check| is_about_generator(check));
            if is_its_own || objectives.is_empty() {
                return Held::GeneratorGaveUp { why: names(&validity) };
            }
            Held::Failed { why: format!("{}; {}", names(&objectives), names(&validity)), is_invariant: false }
        }
    }
}

fn broken(checks: &[Check]) -> Vec<&Check> {
    checks.iter().filter(|check| !check.holds).collect()
}

fn names(checks: &[&Check]) -> String {
    checks.iter().map(|check| format!("{} {}", check.name, check.seen)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, holds: bool) -> Check {
        Check { name: name.to_owned(), limit: "0".to_owned(), seen: "1".to_owned(), holds }
    }

    fn verdict(outcome: Outcome, validity: &str, objective: &str, invariant: &str) -> Verdict {
        let checks = |broken: &str| vec![check("some other", true), check(broken, broken.is_empty())];
        Verdict {
            outcome,
            validity: checks(validity),
            objectives: checks(objective),
            invariants: checks(invariant),
        }
    }

    #[test]
    fn dropped_iterations_are_the_systems_where_it_is_slow_and_the_generator_is_not_starved() {
        let drops = |objective| held(&verdict(Outcome::NotValid, "dropped iterations", objective, ""));
        assert!(matches!(drops("token p(95)"), Held::Failed { is_invariant: false, .. }));
        assert!(matches!(drops(""), Held::GeneratorGaveUp { .. }));
        for own in crate::judge::ABOUT_GENERATOR {
            let starved = verdict(Outcome::NotValid, own, "token p(95)", "");
            assert!(matches!(held(&starved), Held::GeneratorGaveUp { .. }), "{own}");
        }
    }

    #[test]
    fn what_the_host_took_is_neither_the_systems_fault_nor_the_generators() {
        let taken = check(crate::judge::HOST, false);
        let mut late = verdict(Outcome::NotValid, "dropped iterations", "token p(95)", "");
        late.validity.push(taken);
        let why = "token p(95) 1, dropped iterations 1, machine's time taken by its host 1".to_owned();
        assert_eq!(held(&late), Held::Disturbed { why });
    }

    #[test]
    fn what_always_has_to_hold_is_told_from_what_was_promised() {
        assert_eq!(held(&verdict(Outcome::Passed, "", "", "")), Held::Held);
        let late = held(&verdict(Outcome::Failed, "", "token p(95)", ""));
        assert_eq!(late, Held::Failed { why: "token p(95) 1".to_owned(), is_invariant: false });
        let twice = held(&verdict(Outcome::Failed, "dropped iterations", "token p(95)", "I5 in the stores"));
        assert_eq!(twice, Held::Failed { why: "I5 in the stores 1".to_owned(), is_invariant: true });
    }
}
