//! What came of an overload, from each answer of its two streams. Pure.

use super::{ALWAYS, Load, Offer, Refusals};
use crate::{
    generator::Answer,
    results::{Moment, Overload, Part},
};

/// A moment of the course, in seconds.
const MOMENT: f64 = 0.5;
/// How finely a recovery is told, in seconds.
const STEP: f64 = 0.1;
/// All has to be well for so many steps.
const WELL_FOR: usize = 10;
/// Of the requests of a second, what may go wrong when all is well.
const STRAY: f64 = 0.001;
/// What is told to come back, by status.
const REFUSED: u16 = 503;

/// What an answer was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    Good,
    Late,
    Refused,
    Failed,
}

/// What makes an answer one of use.
#[derive(Clone, Debug)]
pub(super) struct Use {
    /// Statuses that are answers.
    pub(super) expected: Vec<u16>,
    /// Milliseconds that they may take.
    pub(super) in_time_ms: f64,
}

impl Use {
    fn of(&self, answer: &Answer) -> Worth {
        if !self.expected.contains(&answer.status) {
            return if answer.status == REFUSED { Worth::Refused } else { Worth::Failed };
        }
        if answer.took_ms <= self.in_time_ms { Worth::Good } else { Worth::Late }
    }
}

/// What came of all requests.
pub(super) fn measured(
    (load, call): (&Load<'_>, &str),
    offer: &Offer,
    answers: &[Answer],
    (of_use, refusals): (&Use, Refusals),
) -> Overload {
    let half = ALWAYS * load.capacity;
    Overload {
        endpoint: call.to_owned(),
        capacity: load.capacity,
        factor: load.factor,
        in_time_ms: of_use.in_time_ms,
        before: part(answers, offer.before, half, of_use),
        during: part(answers, offer.during, load.factor * load.capacity, of_use),
        after: part(answers, offer.after, half, of_use),
        probed: None,
        recovered_seconds: recovered(answers, offer.after, of_use),
        refusals_read: refusals.read,
        refusals_without_time: refusals.without_time,
        course: course(answers, offer.after.1, of_use),
    }
}

/// What came of the requests that were made between two instants, of which so many a second were due. What was due and not
/// answered has failed.
pub(super) fn part(answers: &[Answer], (from, to): (f64, f64), due: f64, of_use: &Use) -> Part {
    let seconds = to - from;
    let within: Vec<(Worth, f64)> = answers
        .iter()
        .filter(|answer| answer.at >= from && answer.at < to)
        .map(|answer| (of_use.of(answer), answer.took_ms))
        .collect();
    let took = |worths: &[Worth]| -> Vec<f64> {
        within.iter().filter(|(worth, _)| worths.contains(worth)).map(|(_, took)| *took).collect()
    };
    let rate = |worth| count(took(&[worth]).len()) / seconds;
    let answered = count(within.len()) / seconds;
    let served = took(&[Worth::Good, Worth::Late]);
    Part {
        seconds,
        due,
        answered,
        good: rate(Worth::Good),
        late: rate(Worth::Late),
        refused: rate(Worth::Refused),
        failed: rate(Worth::Failed) + (due - answered).max(0.0),
        p50_ms: percentile(served.clone(), 0.5),
        p99_ms: percentile(served, 0.99),
        refused_p99_ms: percentile(took(&[Worth::Refused]), 0.99),
    }
}

/// The course from the first request on, up to an instant.
fn course(answers: &[Answer], to: f64, of_use: &Use) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    let mut at = 0.0;
    while at < to {
        let part = part(answers, (at, at + MOMENT), 0.0, of_use);
        let Part { good, late, refused, failed, .. } = part;
        moments.push(Moment { at, good, late, refused, failed });
        at += MOMENT;
    }
    moments
}

/// Seconds from an instant on until for a second all is well, of what was made up to another.
fn recovered(answers: &[Answer], (from, to): (f64, f64), of_use: &Use) -> Option<f64> {
    let mut steps: Vec<(usize, usize)> = Vec::new();
    for answer in answers.iter().filter(|answer| answer.at >= from && answer.at < to) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
        let step = ((answer.at - from) / STEP) as usize;
        if steps.len() <= step {
            steps.resize(step + 1, (0, 0));
        }
        if let Some((all, bad)) = steps.get_mut(step) {
            *all += 1;
            *bad += usize::from(of_use.of(answer) != Worth::Good);
        }
    }
    let is_well = |window: &[(usize, usize)]| {
        let (all, bad) = window.iter().fold((0, 0), |(all, bad), step| (all + step.0, bad + step.1));
        all > 0 && count(bad) <= STRAY * count(all)
    };
    steps.windows(WELL_FOR).position(is_well).map(|step| count(step) * STEP)
}

/// The value that this share of them do not exceed (the nearest rank).
fn percentile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
    let rank = (share * count(values.len())).ceil() as usize;
    values.get(rank.max(1) - 1).copied()
}

#[expect(clippy::cast_precision_loss, reason = "requests of a run are far from 2^53")]
fn count(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_use() -> Use {
        Use { expected: vec![201], in_time_ms: 150.0 }
    }

    fn answers(each: &[(f64, f64, u16)]) -> Vec<Answer> {
        each.iter()
            .map(|(at, took_ms, status)| Answer { at: *at, took_ms: *took_ms, status: *status })
            .collect()
    }

    #[test]
    fn each_request_of_a_part_is_counted_for_what_it_was() {
        let made = answers(&[
            (0.9, 1.0, 201),
            (1.0, 10.0, 201),
            (1.5, 151.0, 201),
            (2.0, 3.0, 503),
            (2.5, 1.0, 500),
            (3.0, 1.0, 201),
        ]);
        let part = part(&made, (1.0, 3.0), 3.0, &of_use());
        let per_second = [part.good, part.late, part.refused, part.failed, part.answered];
        assert_eq!(format!("{per_second:?}"), "[0.5, 0.5, 0.5, 1.5, 2.0]", "one a second was never answered");
        assert_eq!((part.p50_ms, part.p99_ms, part.refused_p99_ms), (Some(10.0), Some(151.0), Some(3.0)));
    }

    #[test]
    fn who_is_refused_for_a_second_and_a_half_has_recovered_then() {
        let made: Vec<Answer> = (0..500)
            .map(|nth| {
                let at = f64::from(nth) / 100.0;
                Answer { at, took_ms: 5.0, status: if at < 2.5 { 503 } else { 201 } }
            })
            .collect();
        let seconds = recovered(&made, (1.0, 5.0), &of_use()).unwrap();
        assert!((seconds - 1.5).abs() < 1e-9, "{seconds}");
        assert_eq!(recovered(&made, (1.0, 3.0), &of_use()), None);
        assert_eq!(recovered(&made, (3.0, 5.0), &of_use()), Some(0.0));
    }

    #[test]
    fn a_course_has_every_moment() {
        let course = course(&answers(&[(0.1, 1.0, 201), (1.2, 1.0, 503)]), 2.0, &of_use());
        let seen: Vec<_> = course.iter().map(|moment| (moment.at, moment.good, moment.refused)).collect();
        assert_eq!(seen, [(0.0, 2.0, 0.0), (0.5, 0.0, 0.0), (1.0, 0.0, 2.0), (1.5, 0.0, 0.0)]);
    }
}
