use std::time::Duration;

/// A round ends after a quarter of as many answers as the limit is. Everybody is late under a limit that is too high, so that it has
/// to fall to less than half while those that were let in together come back, not once they all have.
const ROUNDS: usize = 4;
/// What a limit rises by after a round of which most answers were in time.
const RISE: f64 = 1.1;
/// What is left of it after a round of which most answers were late.
const FALL: f64 = 0.8;

/// Between what a limit finds itself, and where it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    least: u32,
    first: u32,
    most: u32,
}

impl Bounds {
    /// Of joins. They begin with what two processors answer in time, so that a crowd finds a door that is open, and keep half of it.
    /// Where a processor has more to refuse than it can, a join waits behind refusals and not behind other joins: fewer of them at
    /// once are answered no sooner, each is dearer since fewer share a call, and there is more to refuse. Without that least, three
    /// times what a processor bears left a tenth of it for a second or two.
    pub(crate) const fn of_joins(most: u32) -> Self {
        Self { least: 256, first: 512, most }
    }

    /// Of each kind of request about holds and sales. They begin with what comes in while a disk stands still for a second on a small
    /// machine, and few enough for a round to be short there; fewer than the least keep no service busy.
    pub(crate) const fn of_sales(most: u32) -> Self {
        Self { least: 16, first: 128, most }
    }
}

/// How many may wait at once. It finds itself.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    target: Duration,
    least: f64,
    first: f64,
    most: f64,
    now: f64,
    answered: usize,
    late: usize,
    was_used: bool,
}

impl Limit {
    /// Of requests most of which are to be answered within the target. The most is never exceeded, whatever the others are.
    pub(super) fn new(target: Duration, Bounds { least, first, most }: Bounds) -> Self {
        let [least, first, most] = [least, first, most].map(|bound| f64::from(bound.min(most)));
        Self { target, least, first, most, now: first, answered: 0, late: 0, was_used: false }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 2^32")]
    pub(super) const fn now(&self) -> usize {
        self.now as usize
    }

    /// One was answered, which took so long, and so many others wait.
    pub(super) fn answered(&mut self, took: Duration, waiting: usize) {
        self.answered += 1;
        self.late += usize::from(took > self.target);
        self.was_used |= 2 * waiting > self.now();
        if ROUNDS * self.answered >= self.now() {
            self.end_round();
        }
    }

    fn end_round(&mut self) {
        if 2 * self.late > self.answered {
            self.now = (self.now * FALL).max(self.least);
        } else {
            // A limit that nobody comes near says nothing by its height, but for the next hiccup.
            let highest = if self.was_used { self.most } else { self.first.max(self.now) };
            self.now = (self.now * RISE).min(highest);
        }
        (self.answered, self.late, self.was_used) = (0, 0, false);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TARGET: Duration = Duration::from_millis(100);
    const MOST: u32 = 10_000;

    fn of_joins() -> Limit {
        Limit::new(TARGET, Bounds::of_joins(MOST))
    }

    fn of_sales() -> Limit {
        Limit::new(TARGET, Bounds::of_sales(MOST))
    }

    /// The limit after so many seconds of a service that answers so many a second, and is asked for more than that.
    fn settled(limit: &mut Limit, per_second: f64, seconds: f64) -> f64 {
        let mut passed = 0.0;
        while passed < seconds {
            let waiting = limit.now();
            limit.answered(Duration::from_secs_f64(limit.now / per_second), waiting);
            passed += 1.0 / per_second;
        }
        limit.now
    }

    #[test]
    fn a_service_that_is_asked_for_more_answers_in_about_the_target() {
        let mut limit = of_sales();
        for per_second in [5_000.0, 400.0, 40_000.0, 1_000.0] {
            let wait = settled(&mut limit, per_second, 20.0) / per_second;
            assert!((0.075..=0.115).contains(&wait), "{wait} s at {per_second}/s");
        }
    }

    #[test]
    fn those_who_were_let_in_together_find_a_door_of_less_than_half_behind_them() {
        let mut limit = of_sales();
        for _ in 0..128 {
            limit.answered(Duration::from_secs(1), 128);
        }
        assert!(limit.now < 64.0, "{}", limit.now);
    }

    #[test]
    fn a_service_that_is_away_has_few_who_wait_for_it_and_comes_back_to_many() {
        let mut limit = of_sales();
        settled(&mut limit, 5_000.0, 5.0);
        while limit.now > limit.least {
            limit.answered(Duration::from_secs(2), limit.now());
        }
        assert!(settled(&mut limit, 5_000.0, 3.0) > 350.0);
    }

    #[test]
    fn joins_that_are_late_whatever_their_limit_keep_half_of_what_they_began_with() {
        let mut limit = of_joins();
        for _ in 0..10_000 {
            limit.answered(Duration::from_secs(1), limit.now());
        }
        assert_eq!(limit.now(), 256);
    }

    #[test]
    fn one_hiccup_leaves_most_of_it_and_quiet_hours_make_good_for_the_rest() {
        let mut limit = of_joins();
        for _ in 0..150 {
            limit.answered(Duration::from_millis(400), 400);
        }
        assert!((limit.now - 512.0 * FALL).abs() < 1e-9);
        for _ in 0..100_000 {
            limit.answered(Duration::from_millis(1), 3);
        }
        assert!((limit.now - 512.0).abs() < 1e-9, "nobody made use of more");
    }

    proptest! {
        #[test]
        fn a_limit_stays_within_its_bounds(
            most in 1_u32..20_000,
            answers in prop::collection::vec((0_u64..300, 0_usize..20_000), 1..2_000),
        ) {
            let mut limit = Limit::new(TARGET, Bounds::of_joins(most));
            for (took, in_flight) in answers {
                limit.answered(Duration::from_millis(took), in_flight);
                let now = limit.now();
                prop_assert!(now >= 1 && now <= most as usize, "{} of {}", now, most);
            }
        }
    }
}
