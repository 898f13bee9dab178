/// How many called visitors come, and how soon: learned from what the called did, with a prior.
///
/// Weighted sums that forget: a cohort counts less the more were called since.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shows {
    /// Called, weighted.
    pub called: f64,
    /// Of these, how many came within the claim window, weighted.
    pub came: f64,
    /// Arrivals whose delay is known, weighted.
    pub arrivals: f64,
    /// Their delays from call to first sign, summed and weighted, in milliseconds.
    pub delay_ms: f64,
}

/// So many calls until a cohort's weight has fallen to 1/e.
const MEMORY_CALLS: f64 = 2_000.0;
/// The prior: as if 20 had been called and 17 come, each after two seconds,
/// which is what polls at the front of the line are apart.
const PRIOR_CALLED: f64 = 20.0;
const PRIOR_CAME: f64 = 17.0;
const PRIOR_DELAY_MS: f64 = 2_000.0;
/// However bad a night, a call is taken to bring at least one visitor in twenty:
/// else a run of no-shows would call the whole line at once.
const LEAST_SHOW: f64 = 0.05;

impl Default for Shows {
    fn default() -> Self {
        Self { called: 0.0, came: 0.0, arrivals: 0.0, delay_ms: 0.0 }
    }
}

impl Shows {
    /// Takes in a cohort whose claim window is over.
    pub fn close_cohort(&mut self, called: u64, came: u64) {
        let (called, came) = (to_f64(called), to_f64(came.min(called)));
        let kept = (-called / MEMORY_CALLS).exp();
        self.called = self.called * kept + called;
        self.came = self.came * kept + came;
    }

    /// Takes in first signs of called visitors, and how long after the call they came, in all.
    pub fn note_arrivals(&mut self, arrivals: u64, delay_ms: u64) {
        let kept = (-to_f64(arrivals) / MEMORY_CALLS).exp();
        self.arrivals = self.arrivals * kept + to_f64(arrivals);
        self.delay_ms = self.delay_ms * kept + to_f64(delay_ms);
    }

    /// The share of the called that come, from 0.05 to 1.
    #[must_use]
    pub fn probability(&self) -> f64 {
        ((self.came + PRIOR_CAME) / (self.called + PRIOR_CALLED)).clamp(LEAST_SHOW, 1.0)
    }

    /// The mean time from a call to the first sign, in milliseconds.
    #[must_use]
    pub fn mean_delay_ms(&self) -> f64 {
        (self.delay_ms + PRIOR_DELAY_MS * PRIOR_CALLED) / (self.arrivals + PRIOR_CALLED)
    }

    /// How probable it is that one who was called `age_ms` ago and gave no sign since still comes.
    ///
    /// Bayes' rule, with delays taken to be exponential: those who come, come within a few polls.
    #[must_use]
    pub fn still_comes(&self, age_ms: u64) -> f64 {
        let p = self.probability();
        let unseen = p * (-to_f64(age_ms) / self.mean_delay_ms().max(1.0)).exp();
        unseen / (unseen + 1.0 - p).max(f64::MIN_POSITIVE)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and milliseconds stay far below 2⁵²")]
pub(super) const fn to_f64(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learned_replaces_the_prior() {
        let mut shows = Shows::default();
        assert!((shows.probability() - 0.85).abs() < 1e-9);
        for _ in 0..400 {
            shows.close_cohort(50, 25);
        }
        assert!((shows.probability() - 0.5).abs() < 0.02, "{}", shows.probability());
        shows.note_arrivals(20_000, 100_000_000);
        assert!((shows.mean_delay_ms() - 5_000.0).abs() < 10.0, "{}", shows.mean_delay_ms());
    }

    #[test]
    fn the_longer_one_stays_away_the_less_probable_it_is_that_one_comes() {
        let shows = Shows::default();
        assert!((shows.still_comes(0) - shows.probability()).abs() < 1e-9);
        assert!(shows.still_comes(2_000) > shows.still_comes(4_000));
        assert!(shows.still_comes(60_000) < 0.001);
    }

    #[test]
    fn nobody_coming_does_not_call_everybody() {
        let mut shows = Shows::default();
        shows.close_cohort(1_000_000, 0);
        assert!(shows.probability() >= LEAST_SHOW);
    }
}
