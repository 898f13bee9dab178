//! Which rate comes next.
//!
//! 1. *Ramp*: each rate twice that of before, until one does not hold: somewhere below is the knee. Where already the first
//!    does not hold, each is half of that of before.
//! 2. *Staircase*: from the highest that held, each rate a tenth higher, until two in a row do not hold: one alone may be the
//!    machine's mood. Where it was a mood that ended the ramp, rates are doubled again.
//! 3. *Bisection*: between the highest that held and the lowest above it that did not, until they are no further apart than
//!    the resolution.
//! 4. *Repetition*: the highest that held, again, as often as asked. The run that was found first is none of them: it was
//!    chosen because it held, so that counting it would count luck. The rate stands where all but one of them held: a rate that
//!    holds nine times of ten then stands with a chance of 0.92 (of 0.59 if all had to), one that holds every second time with
//!    0.19; how many held is told with the figure. A second one that does not hold, or an invariant that is broken but once,
//!    makes the next candidate a rate that is lower by the resolution, with as many repetitions of its own.
//!
//! A run that the machine's host disturbed counts for nothing and is made again, until ten in a row were.
//!
//! Any other run that is not valid says nothing about the system, and is made again. A second one at the same rate in a row means that
//! the generator can no more: the rate counts as one that did not hold, and where that is what the result has right above it,
//! the result is *at least*.

use crate::results::{Found, Held, Phase, Spread, Step};

/// How a search goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The first rate.
    pub first: f64,
    /// Below this nothing is tried.
    pub lowest: f64,
    /// Above this nothing is tried.
    pub highest: f64,
    /// How far apart rates of the bisection may end, as a share.
    pub resolution: f64,
    /// How often the highest rate is repeated.
    pub repeats: usize,
    /// After how many steps a search is given up.
    pub most_steps: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self { first: 100.0, lowest: 1.0, highest: 100_000.0, resolution: 0.05, repeats: 5, most_steps: 100 }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Run this.
    Run {
        /// Iterations a second.
        rate: f64,
        /// What for.
        phase: Phase,
    },
    /// The search is over.
    Done(Found),
}

/// From a rate of the ramp to the next.
const RAMP: f64 = 2.0;
/// From a rate of the staircase to the next.
const STAIR: f64 = 1.1;
/// So many rates of the staircase that do not hold, one after the other, end it.
const IN_A_ROW: usize = 2;
/// So many runs at a rate that are not valid, one after the other, are the generator's limit.
const GIVEN_UP: usize = 2;
/// So many steps in a row that the machine's host disturbed are the end: this is no machine to measure on.
const DISTURBED: usize = 10;
/// How many of the repetitions may not hold.
const FORGIVEN: usize = 1;

/// What to do after these steps.
#[must_use]
pub fn next(plan: &Plan, steps: &[Step]) -> Next {
    let is_disturbed = |step: &&Step| matches!(step.measured.outcome, Held::Disturbed { .. });
    if steps.iter().rev().take_while(is_disturbed).count() >= DISTURBED {
        return none(format!("the machine's host took too much of it {DISTURBED} times in a row"));
    }
    let told: Vec<Step> = steps.iter().filter(|step| !is_disturbed(step)).cloned().collect();
    let search = Search { plan, steps: &told };
    if steps.len() >= plan.most_steps {
        return none(format!("none stood all repetitions within {} steps", plan.most_steps));
    }
    search
        .ramp()
        .or_else(|| search.staircase())
        .or_else(|| search.bisection())
        .unwrap_or_else(|| search.repetition())
}

#[derive(Clone, Copy)]
struct Search<'a> {
    plan: &'a Plan,
    steps: &'a [Step],
}

/// A rate, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Level {
    rate: f64,
    is: Is,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Held,
    Failed,
    /// The generator could not say, more than once.
    GivenUp,
    /// It could not say, and is asked again.
    Open,
}

impl Search<'_> {
    fn ramp(self) -> Option<Next> {
        let levels = self.levels(&[Phase::Ramp]);
        let Some(last) = levels.last() else { return Some(run(self.plan.first, Phase::Ramp)) };
        let has_held = levels.iter().any(|level| level.is == Is::Held);
        let has_failed = levels.iter().any(|level| matches!(level.is, Is::Failed | Is::GivenUp));
        match last.is {
            Is::Open => Some(run(last.rate, Phase::Ramp)),
            Is::Held if has_failed || last.rate >= self.plan.highest => None,
            Is::Held => Some(run((last.rate * RAMP).min(self.plan.highest), Phase::Ramp)),
            Is::Failed | Is::GivenUp if has_held => None,
            Is::Failed | Is::GivenUp if last.rate <= self.plan.lowest => {
                Some(none(format!("not even {}/s does", last.rate)))
            }
            Is::Failed | Is::GivenUp => Some(run((last.rate / RAMP).max(self.plan.lowest), Phase::Ramp)),
        }
    }

    fn staircase(self) -> Option<Next> {
        let levels = self.levels(&[Phase::Staircase]);
        let (foot, _) = self.bracket(&[Phase::Ramp])?;
        let last = levels.last().copied().unwrap_or(Level { rate: foot, is: Is::Held });
        let in_a_row = levels.iter().rev().take_while(|level| level.is == Is::Failed).count();
        if last.is == Is::Open {
            return Some(run(last.rate, Phase::Staircase));
        }
        let is_over = in_a_row >= IN_A_ROW || last.is == Is::GivenUp || last.rate >= self.plan.highest;
        // Whoever climbs above what ended the ramp was held up there by a mood, and has far to go.
        let is_far_below = last.is == Is::Held && last.rate >= foot * RAMP;
        let factor = if is_far_below { RAMP } else { STAIR };
        (!is_over).then(|| run((last.rate * factor).min(self.plan.highest), Phase::Staircase))
    }

    fn bisection(self) -> Option<Next> {
        let open = self.levels(&[Phase::Bisect]).last().copied().filter(|level| level.is == Is::Open);
        if let Some(open) = open {
            return Some(run(open.rate, Phase::Bisect));
        }
        let (held, above) = self.bracket(&Self::SEARCHING)?;
        let above = above?.rate;
        let middle = rounded((held * above).sqrt());
        let is_over = above / held <= 1.0 + self.plan.resolution || middle <= held || middle >= above;
        (!is_over).then(|| run(middle, Phase::Bisect))
    }

    fn repetition(self) -> Next {
        let begun = self.steps.iter().rev().find(|step| step.phase == Phase::Repeat).map(|step| step.rate);
        let candidate = begun.or_else(|| self.bracket(&Self::SEARCHING).map(|(held, _)| held));
        let Some(rate) = candidate else { return none("none did".to_owned()) };
        let repeats = Repeats::of(self.steps, rate);
        if repeats.is_lost() {
            let lower = rounded(rate / (1.0 + self.plan.resolution));
            return if lower < self.plan.lowest || lower >= rate {
                none(format!("{rate}/s does so once, and not again"))
            } else {
                run(lower, Phase::Repeat)
            };
        }
        if repeats.held + repeats.failed < self.plan.repeats {
            return run(rate, Phase::Repeat);
        }
        Next::Done(self.highest(rate, &repeats))
    }

    fn highest(self, rate: f64, repeats: &Repeats) -> Found {
        let counted =
            || self.steps.iter().filter(|step| is_repeat_at(step, rate) && step.measured.outcome.is_told());
        let lowest_above = self.lowest_above(rate);
        Found::Highest {
            rate,
            is_at_least: lowest_above.is_none_or(|level| level.is == Is::GivenUp),
            held: repeats.held,
            repeats: repeats.held + repeats.failed,
            achieved: Spread::of(counted().filter_map(|step| step.measured.achieved)),
            p99_ms: Spread::of(counted().filter_map(|step| step.measured.p99_ms)),
        }
    }

    /// The lowest rate above one that did not hold, repetitions included.
    fn lowest_above(self, rate: f64) -> Option<Level> {
        let lost =
            self.steps.iter().filter(|step| step.phase == Phase::Repeat && step.rate > rate).map(|step| {
                let repeats = Repeats::of(self.steps, step.rate);
                Level { rate: step.rate, is: if repeats.has_failed() { Is::Failed } else { Is::GivenUp } }
            });
        let searched = self.levels(&Self::SEARCHING).into_iter();
        let searched =
            searched.filter(|level| level.rate > rate && matches!(level.is, Is::Failed | Is::GivenUp));
        searched.chain(lost).min_by(|one, other| one.rate.total_cmp(&other.rate))
    }

    const SEARCHING: [Phase; 3] = [Phase::Ramp, Phase::Staircase, Phase::Bisect];

    /// The highest rate that held, and the lowest above it that did not.
    fn bracket(self, phases: &[Phase]) -> Option<(f64, Option<Level>)> {
        let levels = self.levels(phases);
        let held =
            levels.iter().filter(|level| level.is == Is::Held).map(|level| level.rate).reduce(f64::max)?;
        let above = levels.into_iter().filter(|level| level.rate > held && level.is != Is::Held);
        Some((held, above.min_by(|one, other| one.rate.total_cmp(&other.rate))))
    }

    /// The rates of some phases in the order in which they were tried, each with the last that is known of it.
    fn levels(self, phases: &[Phase]) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for step in self.steps.iter().filter(|step| phases.contains(&step.phase)) {
            let before = levels.iter().position(|level| is_same(level.rate, step.rate));
            let was = before.map(|at| levels.remove(at).is);
            let is = match (&step.measured.outcome, was) {
                (Held::Held, _) => Is::Held,
                (Held::Failed { .. }, _) => Is::Failed,
                (Held::Disturbed { .. }, was) => was.unwrap_or(Is::Open),
                (Held::GeneratorGaveUp { .. }, Some(Is::Open | Is::GivenUp)) => Is::GivenUp,
                (Held::GeneratorGaveUp { .. }, _) => Is::Open,
            };
            levels.push(Level { rate: step.rate, is });
        }
        levels
    }
}

/// What is known of a rate from its repetitions.
#[derive(Clone, Copy, Debug, Default)]
struct Repeats {
    held: usize,
    failed: usize,
    given_up: usize,
    /// Whether an invariant was broken.
    is_broken: bool,
}

impl Repeats {
    fn of(steps: &[Step], rate: f64) -> Self {
        let mut repeats = Self::default();
        for step in steps.iter().filter(|step| is_repeat_at(step, rate)) {
            match &step.measured.outcome {
                Held::Held => repeats.held += 1,
                Held::Failed { is_invariant, .. } => {
                    repeats.failed += 1;
                    repeats.is_broken |= *is_invariant;
                }
                Held::Disturbed { .. } => {}
                Held::GeneratorGaveUp { .. } => repeats.given_up += 1,
            }
        }
        repeats
    }

    const fn has_failed(&self) -> bool {
        self.is_broken || self.failed > FORGIVEN
    }

    const fn is_lost(&self) -> bool {
        self.has_failed() || self.given_up >= GIVEN_UP
    }
}

fn is_repeat_at(step: &Step, rate: f64) -> bool {
    step.phase == Phase::Repeat && is_same(step.rate, rate)
}

/// Rates are written to a file and read again.
fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs()
}

fn run(rate: f64, phase: Phase) -> Next {
    Next::Run { rate: rounded(rate), phase }
}

const fn none(why: String) -> Next {
    Next::Done(Found::None { why })
}

/// To three figures, which is what anybody reads.
fn rounded(rate: f64) -> f64 {
    let unit = 10_f64.powf(rate.log10().floor() - 2.0);
    let whole = (rate / unit).round();
    // Dividing by a power of ten gives the number that is nearest to what is written; multiplying by a tenth does not.
    if unit < 1.0 { whole / (1.0 / unit).round() } else { whole * unit }
}

#[cfg(test)]
mod tests;
