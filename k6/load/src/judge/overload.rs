//! Whether more load than a system bears was borne well.

use std::time::Duration;

use super::{
    Evidence,
    check::{at_least, below, check},
    figure::figure,
    generator, host, invariant, outcome, presence,
};
use crate::results::{Check, Overload, Verdict};

/// Calls that can be overloaded.
pub(crate) const OVERLOAD_CALLS: [&str; 5] = ["token", "status", "schedules", "seats", "hold"];
/// Percent of the capacity that has to be answered in time however much is asked for.
const GOODPUT: f64 = 85.0;
/// Milliseconds within which 99 % of refusals have to come: refusing must cost next to nothing.
const REFUSED_P99_MS: f64 = 50.0;
/// Percent of requests that may neither be answered nor be told to come back.
const FAILED: f64 = 0.1;
/// Percent of what was to be offered that has to have been.
const OFFERED: f64 = 95.0;

/// Gives the verdict on an overload.
#[must_use]
pub(crate) fn judge_overload(evidence: &Evidence<'_>, overload: &Overload) -> Verdict {
    let objectives = objectives(overload);
    let mut validity = presence::of_generator_and_stores(evidence);
    validity.push(offered(overload));
    validity.push(generator::rested(evidence, since_it_began(overload)));
    let host = host::check_host(evidence, &objectives, &validity);
    validity.push(host);
    let invariants = invariant::checks(evidence);
    Verdict { outcome: outcome(&validity, &objectives, &invariants), validity, objectives, invariants }
}

/// The part of the run in which the generator has to have had a rest: before it k6 makes its users ready.
fn since_it_began(overload: &Overload) -> Duration {
    Duration::try_from_secs_f64(overload.during.seconds + overload.after.seconds).unwrap_or_default()
}

/// A generator that cannot offer what it should has overloaded nobody.
fn offered(overload: &Overload) -> Check {
    let during = &overload.during;
    let share = (during.due > 0.0).then(|| 100.0 * during.answered / during.due);
    at_least("answered of offered", OFFERED, share, " %")
}

fn objectives(overload: &Overload) -> Vec<Check> {
    let Overload { during, refusals_read, refusals_without_time, .. } = overload;
    let failed = (during.due > 0.0).then(|| 100.0 * during.failed / during.due);
    let mut checks = vec![
        at_least("answered in time, of the capacity", GOODPUT, overload.in_time_percent(), " %"),
        below("neither answered nor told to come back", FAILED, failed, " %"),
        recovered(overload),
    ];
    if during.refused > 0.0 {
        checks.push(below("refused p(99)", REFUSED_P99_MS, overload.refused_p99_ms(), " ms"));
        checks.push(check(
            "refusals say when to come back",
            "all of those that were read",
            format!("{} of {refusals_read}", refusals_read.saturating_sub(*refusals_without_time)),
            *refusals_without_time == 0 && *refusals_read > 0,
        ));
    }
    checks
}

fn recovered(overload: &Overload) -> Check {
    let limit = format!("within {} s", figure(overload.after.seconds));
    let seen = overload.recovered_seconds;
    let told = seen.map_or("not seen".to_owned(), |seconds| format!("after {} s", figure(seconds)));
    check("all is well again", limit, told, seen.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Part;

    /// One that was borne well.
    fn borne() -> Overload {
        let part = |due, good, refused| Part {
            seconds: 20.0,
            due,
            answered: due,
            good,
            refused,
            refused_p99_ms: (refused > 0.0).then_some(12.0),
            ..Part::default()
        };
        Overload {
            endpoint: "token".into(),
            capacity: 1_000.0,
            factor: 3.0,
            in_time_ms: 150.0,
            before: part(500.0, 500.0, 0.0),
            during: part(3_000.0, 900.0, 2_100.0),
            after: part(500.0, 500.0, 0.0),
            probed: None,
            recovered_seconds: Some(0.3),
            refusals_read: 30,
            refusals_without_time: 0,
            course: Vec::new(),
        }
    }

    fn broken(make: impl FnOnce(&mut Overload)) -> Vec<String> {
        let mut overload = borne();
        make(&mut overload);
        let checks = objectives(&overload).into_iter().chain([offered(&overload)]);
        checks.filter(|check| !check.holds).map(|check| check.name).collect()
    }

    #[test]
    fn each_promise_alone_is_missed() {
        assert!(broken(|_| ()).is_empty());
        assert_eq!(broken(|o| o.during.good = 849.0), ["answered in time, of the capacity"]);
        let all_late = broken(|o| (o.during.good, o.during.late) = (0.0, 900.0));
        assert_eq!(all_late, ["answered in time, of the capacity"]);
        assert_eq!(broken(|o| o.during.failed = 3.0), ["neither answered nor told to come back"]);
        assert_eq!(broken(|o| o.recovered_seconds = None), ["all is well again"]);
        assert_eq!(broken(|o| o.during.refused_p99_ms = Some(50.0)), ["refused p(99)"]);
        assert_eq!(broken(|o| o.during.refused_p99_ms = None), ["refused p(99)"]);
        assert_eq!(broken(|o| o.refusals_without_time = 1), ["refusals say when to come back"]);
        assert_eq!(broken(|o| o.refusals_read = 0), ["refusals say when to come back"]);
        assert_eq!(broken(|o| o.during.answered = 2_800.0), ["answered of offered"]);
    }

    #[test]
    fn waits_are_those_of_the_probe_where_there_is_one() {
        let probed = |refused_p99_ms| Some(Part { refused_p99_ms, ..borne().during });
        let of_generator = |o: &mut Overload| o.during.refused_p99_ms = Some(120.0);
        assert_eq!(broken(of_generator), ["refused p(99)"]);
        let of_probe = broken(|o| {
            of_generator(o);
            o.probed = probed(Some(49.0));
        });
        assert!(of_probe.is_empty(), "{of_probe:?}");
        assert_eq!(broken(|o| o.probed = probed(Some(50.0))), ["refused p(99)"]);
        assert_eq!(broken(|o| o.probed = probed(None)), ["refused p(99)"]);
    }

    #[test]
    fn where_nobody_was_refused_no_refusal_is_looked_at() {
        let calm = broken(|o| {
            (o.during.refused, o.during.refused_p99_ms, o.refusals_read) = (0.0, None, 0);
        });
        assert!(calm.is_empty());
    }
}
