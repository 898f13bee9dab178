//! How many calls may wait for a service at once: as many as are answered in time.
//!
//! A request that is let in while a service is behind waits for all that were let in before it, so that letting everybody in
//! makes everybody late. Here each call has a limit of its own, which finds itself: it falls while most answers come late, and rises
//! while they come in time: to where it began in any case, and beyond where it is made use of. Who is over it is told at once to come
//! back. While a service is away the calls that wait for it are few, and everything else goes on.
//!
//! What is late differs. A sale costs fifty times what a refusal costs, so that refusing early keeps the others quick. A join costs
//! four times a refusal, and whoever is refused comes again: there it is better to be late than to be asked twice.

use std::{convert::Infallible, time::Duration};

use axum::{error_handling::HandleErrorLayer, extract::Request, response::Response, routing::Route};
use tower::{Layer, Service, ServiceBuilder};
use tower_acc::{Algorithm, ConcurrencyLimitLayer};

use super::overload;

/// How many joins are let in at first: what two processors answer in time, so that a crowd finds a door that is open.
pub(crate) const JOINS_AT_FIRST: u32 = 512;
/// How many of each kind of request about holds and sales: what comes in while a disk stands still for a second on a small machine,
/// and few enough for a round to be short there.
pub(crate) const SALES_AT_FIRST: u32 = 128;
/// A round ends after a quarter of as many answers as the limit is. Everybody is late under a limit that is too high, so that it has
/// to fall to less than half while those that were let in together come back, not once they all have.
const ROUNDS: usize = 4;
/// Fewer than so many at once keep no service busy.
const LEAST: f64 = 16.0;
/// What a limit rises by after a round of which most answers were in time.
const RISE: f64 = 1.1;
/// What is left of it after a round of which most answers were late.
const FALL: f64 = 0.8;

/// Bounds each of the calls that it is put around. A call is a method of a path; what it may do is its own.
pub(crate) fn in_time(
    target: Duration,
    (first, most): (u32, u32),
) -> impl Layer<
    Route,
    Service: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync,
> + Clone
+ Send
+ Sync
+ 'static {
    ServiceBuilder::new()
        .layer(HandleErrorLayer::new(overload::answer))
        .load_shed()
        .layer(ConcurrencyLimitLayer::new(InTime::new(target, (first, most))))
        .into_inner()
}

/// The limit of one call.
#[derive(Clone, Debug)]
struct InTime {
    target: Duration,
    first: f64,
    most: f64,
    limit: f64,
    answered: usize,
    late: usize,
    was_used: bool,
}

impl InTime {
    fn new(target: Duration, (first, most): (u32, u32)) -> Self {
        let (first, most) = (f64::from(first), f64::from(most));
        let first = first.min(most);
        Self { target, first, most, limit: first, answered: 0, late: 0, was_used: false }
    }

    fn end_round(&mut self) {
        if 2 * self.late > self.answered {
            self.limit = (self.limit * FALL).max(LEAST.min(self.most));
        } else {
            // A limit that nobody comes near says nothing by its height, but for the next hiccup.
            let highest = if self.was_used { self.most } else { self.first.max(self.limit) };
            self.limit = (self.limit * RISE).min(highest);
        }
        (self.answered, self.late, self.was_used) = (0, 0, false);
    }
}

impl Algorithm for InTime {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 2^32")]
    fn max_concurrency(&self) -> usize {
        self.limit as usize
    }

    fn update(&mut self, took: Duration, in_flight: usize, _: bool, is_canceled: bool) {
        // Whoever went away before the answer says nothing about how long it would have taken.
        if is_canceled {
            return;
        }
        self.answered += 1;
        self.late += usize::from(took > self.target);
        self.was_used |= 2 * in_flight > self.max_concurrency();
        if ROUNDS * self.answered >= self.max_concurrency() {
            self.end_round();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TARGET: Duration = Duration::from_millis(100);
    const MOST: u32 = 10_000;

    /// The limit after so many seconds of a service that answers so many a second, and is asked for more than that.
    fn settled(limit: &mut InTime, per_second: f64, seconds: f64) -> f64 {
        let mut passed = 0.0;
        while passed < seconds {
            let waiting = limit.max_concurrency();
            limit.update(Duration::from_secs_f64(limit.limit / per_second), waiting, false, false);
            passed += 1.0 / per_second;
        }
        limit.limit
    }

    #[test]
    fn a_service_that_is_asked_for_more_answers_in_about_the_target() {
        let mut limit = InTime::new(TARGET, (512, MOST));
        for per_second in [5_000.0, 400.0, 40_000.0, 1_000.0] {
            let wait = settled(&mut limit, per_second, 20.0) / per_second;
            assert!((0.075..=0.115).contains(&wait), "{wait} s at {per_second}/s");
        }
    }

    #[test]
    fn those_who_were_let_in_together_find_a_door_of_less_than_half_behind_them() {
        let mut limit = InTime::new(TARGET, (128, MOST));
        for _ in 0..128 {
            limit.update(Duration::from_secs(1), 128, false, false);
        }
        assert!(limit.limit < 64.0, "{}", limit.limit);
    }

    #[test]
    fn a_service_that_is_away_has_few_who_wait_for_it_and_comes_back_to_many() {
        let mut limit = InTime::new(TARGET, (512, MOST));
        settled(&mut limit, 5_000.0, 5.0);
        while limit.limit > LEAST {
            limit.update(Duration::from_secs(2), limit.max_concurrency(), false, false);
        }
        assert!(settled(&mut limit, 5_000.0, 3.0) > 350.0);
    }

    #[test]
    fn one_hiccup_leaves_most_of_it_and_quiet_hours_make_good_for_the_rest() {
        let mut limit = InTime::new(TARGET, (512, MOST));
        for _ in 0..150 {
            limit.update(Duration::from_millis(400), 400, false, false);
        }
        assert!((limit.limit - 512.0 * FALL).abs() < 1e-9);
        for _ in 0..100_000 {
            limit.update(Duration::from_millis(1), 3, false, false);
            limit.update(Duration::from_secs(9), 3, false, true);
        }
        assert!((limit.limit - 512.0).abs() < 1e-9, "nobody made use of more");
    }

    proptest! {
        #[test]
        fn a_limit_stays_within_its_bounds(
            most in 1_u32..20_000,
            answers in prop::collection::vec((0_u64..300, 0_usize..20_000), 1..2_000),
        ) {
            let mut limit = InTime::new(TARGET, (512, most));
            for (took, in_flight) in answers {
                limit.update(Duration::from_millis(took), in_flight, false, false);
                let now = limit.max_concurrency();
                prop_assert!(now >= 1 && now <= most as usize, "{} of {}", now, most);
            }
        }
    }
}
