//! Whether the generator had what it needs: what a starved or a busy generator measures is itself.

use std::time::Duration;

use super::{
    Evidence, Slos,
    check::{at_least, check},
    figure::{figure, percent},
};
use crate::results::{Check, Sample, program};

/// What the generator may use of the processors it may run on, at most.
const BUSY: f64 = 0.8;

/// For how many seconds the generator's threads may have waited for a processor, for each second that they ran.
///
/// Measured on a machine of two processors. k6 at 5 to 2,000 requests a second with a processor of its own, or with both shared with
/// a whole Onsale close to its limit: 0.5 to 1.7; oha at 500 to 8,000: 0.5 to 2.1. With three processes on its processor that never
/// rest, k6 at the same rates: 3.5 to 9.1, its p95 7 to 16 ms instead of 1 to 2; oha: 7.9 to 13.7. With one such process p95 is
/// 4.6 ms and the figure 2.3 to 2.9: about where answers begin to be those of the machine's scheduler.
const STARVED: f64 = 2.5;

/// How much of a call's p(95) may be the generator's own wait for a processor. A generator that does little for a request waits often
/// and not for long: oha at 1,000 joins a second beside a whole Onsale waits 2.5 s a second of work, which is 0.3 ms a request.
const SHARE_OF_P95: f64 = 0.05;

/// The generator's use is taken over this many seconds in a row, the busiest ones: a shorter rush, such as the start, delays little,
/// and a mean over all of a run would hide its peak.
const WINDOW_MS: u64 = 10_000;

/// Where more is offered than is borne, refusals are told by their slowest hundredth, which is less than three seconds of them: in no
/// three seconds may the generator be without a rest. A k6 that was at 98 % for three seconds saw refusals in 512 ms that took 30.
const RUSH_MS: u64 = 3_000;
const RESTLESS: f64 = 0.9;

/// Of the run's time, what has to lie between two samples that know the generator.
const SAMPLED: f64 = 0.5;

const SAMPLED_NAME: &str = "generator was sampled";
const BUSY_NAME: &str = "generator's processors";
const STARVED_NAME: &str = "generator's wait for a processor";

/// The checks that are about what the generator had, and not about what was tested.
pub(crate) const ABOUT_GENERATOR: [&str; 3] = [SAMPLED_NAME, BUSY_NAME, STARVED_NAME];

/// Whether a check is one of those.
pub(crate) fn is_about_generator(check: &Check) -> bool {
    ABOUT_GENERATOR.contains(&check.name.as_str())
}

pub(super) fn checks(evidence: &Evidence<'_>, slos: &Slos) -> Vec<Check> {
    let used = used(evidence, 0);
    vec![sampled(evidence, &used), busy(evidence, &used), starved(evidence, slos, &used)]
}

/// What the generator used between two samples that follow one another.
#[derive(Clone, Copy, Debug)]
struct Used {
    from_ms: u64,
    to_ms: u64,
    cpu: f64,
    delay: f64,
}

/// From an instant on, in Unix milliseconds.
fn used(evidence: &Evidence<'_>, since: u64) -> Vec<Used> {
    let tool = &evidence.run.generator.tool;
    let known: Vec<&Sample> = evidence
        .samples
        .iter()
        .filter(|sample| sample.at >= since && sample.processes.keys().any(|name| program(name) == tool))
        .collect();
    let pairs = known.windows(2).filter_map(|pair| match pair {
        [before, after] => Some(between(tool, before, after)),
        _ => None,
    });
    pairs.filter(|used| used.to_ms > used.from_ms).collect()
}

fn between(tool: &str, before: &Sample, after: &Sample) -> Used {
    let mut used = Used { from_ms: before.since_start_ms, to_ms: after.since_start_ms, cpu: 0.0, delay: 0.0 };
    for (name, now) in after.processes.iter().filter(|(name, _)| program(name) == tool) {
        let then = before.processes.get(name).copied().unwrap_or_default();
        used.cpu += now.cpu_seconds - then.cpu_seconds;
        used.delay += now.delay_seconds - then.delay_seconds;
    }
    used
}

fn sampled(evidence: &Evidence<'_>, used: &[Used]) -> Check {
    let lasted = milliseconds(evidence.run.ended_at.saturating_sub(evidence.run.began_at));
    let covered: f64 = used.iter().map(|used| milliseconds(used.to_ms - used.from_ms)).sum();
    let share = (lasted > 0.0 && !used.is_empty()).then(|| 100.0 * covered / lasted);
    at_least(SAMPLED_NAME, 100.0 * SAMPLED, share, " % of the time")
}

fn busy(evidence: &Evidence<'_>, used: &[Used]) -> Check {
    let processors = evidence.run.generator.cpus.len();
    let limit = format!("≤ {} of {processors}", percent(BUSY));
    let in_window = busiest(windows(used, WINDOW_MS), processors);
    let at_worst = busiest(used.iter().map(std::slice::from_ref), processors);
    let (Some(busiest), Some(worst)) = (in_window, at_worst) else {
        return check(BUSY_NAME, limit, "not known", false);
    };
    let seen = format!("{} in its busiest ten seconds, {} in the worst", percent(busiest), percent(worst));
    check(BUSY_NAME, limit, seen, busiest <= BUSY)
}

fn starved(evidence: &Evidence<'_>, slos: &Slos, used: &[Used]) -> Check {
    let cpu: f64 = used.iter().map(|used| used.cpu).sum();
    let delay: f64 = used.iter().map(|used| used.delay).sum();
    let bearable = strictest(evidence, slos).map(|p95_ms| SHARE_OF_P95 * p95_ms);
    let or = bearable.map(|ms| format!(", or {} ms a request", figure(ms))).unwrap_or_default();
    let limit = format!("≤ {} s a second of work{or}", figure(STARVED));
    // Who has not been on a processor at all has measured nothing.
    if cpu <= 0.0 {
        return check(STARVED_NAME, limit, "not known", false);
    }
    let requests = evidence.value("http_reqs", "count").filter(|count| *count > 0.0);
    let each_ms = requests.map(|count| 1_000.0 * delay / count);
    let told = each_ms.map(|ms| format!(", {} ms a request", figure(ms))).unwrap_or_default();
    let is_little = each_ms.zip(bearable).is_some_and(|(each, bearable)| each <= bearable);
    let seen = format!("{} s{told}", figure(delay / cpu));
    check(STARVED_NAME, limit, seen, delay / cpu <= STARVED || is_little)
}

/// The least p(95) that is promised of a call that the run is about.
fn strictest(evidence: &Evidence<'_>, slos: &Slos) -> Option<f64> {
    evidence.run.calls.iter().filter_map(|call| slos.of(call)).map(|slo| slo.p95_ms).reduce(f64::min)
}

/// Whether it had a rest in each few of the run's last seconds.
pub(super) fn rested(evidence: &Evidence<'_>, last: Duration) -> Check {
    let since = evidence.run.ended_at.saturating_sub(u64::try_from(last.as_millis()).unwrap_or(u64::MAX));
    let processors = evidence.run.generator.cpus.len();
    let used = used(evidence, since);
    let limit = format!("≤ {} of {processors}", percent(RESTLESS));
    let Some(share) = busiest(windows(&used, RUSH_MS), processors) else {
        return check(BUSY_NAME, limit, "not known", false);
    };
    check(BUSY_NAME, limit, format!("{} in its busiest three seconds", percent(share)), share <= RESTLESS)
}

/// The seconds from each on that a window holds; one that the run ends in is whole where no earlier one is longer.
fn windows(used: &[Used], length_ms: u64) -> impl Iterator<Item = &[Used]> {
    let last = used.last().map_or(0, |used| used.to_ms);
    let latest = last.saturating_sub(length_ms);
    let first = used.first().map_or(0, |used| used.from_ms);
    let begins = used.iter().enumerate().filter(move |(_, begin)| begin.from_ms <= latest.max(first));
    begins.map(move |(at, begin)| {
        let rest = used.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|used| used.to_ms <= begin.from_ms + length_ms).count();
        rest.get(..length.max(1)).unwrap_or_default()
    })
}

/// The greatest share of so many processors that was used in a window; `None` where nothing is known of either.
fn busiest<'a>(windows: impl Iterator<Item = &'a [Used]>, processors: usize) -> Option<f64> {
    let may_use = u32::try_from(processors).ok().filter(|processors| *processors > 0)?;
    let share = |window: &[Used]| {
        let seconds: f64 = window.iter().map(|used| milliseconds(used.to_ms - used.from_ms) / 1_000.0).sum();
        let cpu: f64 = window.iter().map(|used| used.cpu).sum();
        (seconds > 0.0).then(|| cpu / seconds / f64::from(may_use))
    };
    windows.filter_map(share).reduce(f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are far from 2^53")]
fn milliseconds(value: u64) -> f64 {
    value as f64
}
