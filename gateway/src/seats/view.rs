use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use onsale_seat_view::{SeatVector, Seats};

use super::news::{Facts, NewsOf, SeatNews};

/// A clock that shows less by so much was put back; by less than that it is another copy's estimate.
const PUT_BACK: i64 = 1_000_000;

/// A schedule's seats as some copy of the catalog had them.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) facts: Arc<Facts>,
    pub(crate) seats: Arc<Seats>,
    /// Everything that was committed by then is in it.
    pub(crate) true_at: Instant,
    clock: Clock,
}

/// The store's clock, carried on from what was told.
#[derive(Clone, Copy, Debug)]
struct Clock {
    now_us: i64,
    told_at: Instant,
}

/// What news come to.
#[derive(Clone, Debug)]
pub(crate) enum Learned {
    /// Another view.
    View(View),
    /// There is no such schedule.
    NotFound,
    /// Nothing that can be used: they are about another view than the present one.
    Nothing,
}

impl Clock {
    /// Each of two clocks shows the store's time at most, so that the later is nearer.
    fn better(self, other: Self) -> Self {
        let difference = other.now_us.saturating_sub(self.at(other.told_at));
        if (-PUT_BACK..0).contains(&difference) { self } else { other }
    }

    fn at(self, instant: Instant) -> i64 {
        let since = instant.saturating_duration_since(self.told_at);
        self.now_us.saturating_add(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

impl View {
    /// How old it is at an instant.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.true_at)
    }

    /// What the store's clock shows at least.
    pub(crate) fn store_now_us(&self, now: Instant) -> i64 {
        self.clock.at(now)
    }

    /// The same seats, true at another instant too.
    fn still_true(&self, true_at: Instant, clock: Clock) -> Self {
        Self {
            facts: Arc::clone(&self.facts),
            seats: Arc::clone(&self.seats),
            true_at: self.true_at.max(true_at),
            clock: self.clock.better(clock),
        }
    }
}

/// What to make of news that came of a call sent at `asked_at`, which said that `known` was known, answered at
/// `told_at`.
pub(crate) fn learn(
    present: Option<&View>,
    known: Option<&SeatVector>,
    news: SeatNews,
    (asked_at, told_at): (Instant, Instant),
) -> Learned {
    let true_at = asked_at.checked_sub(news.age).unwrap_or(asked_at);
    let clock = Clock { now_us: news.now_us, told_at };
    let view = match news.of {
        NewsOf::NotFound => return Learned::NotFound,
        NewsOf::Nothing => present
            .filter(|view| known.is_some_and(|known| view.seats.vector().covers(known)))
            .map(|view| view.still_true(true_at, clock)),
        NewsOf::All(facts, seats) => all(present, facts, seats, true_at, clock),
        NewsOf::Changes(vector, changes) => present
            .filter(|view| known.is_some_and(|known| view.seats.vector().covers(known)))
            .and_then(|view| {
                if view.seats.vector().covers(&vector) {
                    return Some(view.still_true(true_at, clock));
                }
                if !vector.covers(view.seats.vector()) {
                    return None;
                }
                let seats = Arc::new(view.seats.changed(vector, &changes).ok()?);
                Some(View { seats, ..view.still_true(true_at, clock) })
            }),
    };
    view.map_or(Learned::Nothing, Learned::View)
}

/// Within an epoch what covers more is later. Of two epochs the later is the one that was true later: when the server
/// started says nothing, a standby that takes over may have been there for long.
fn all(present: Option<&View>, facts: Facts, seats: Seats, true_at: Instant, clock: Clock) -> Option<View> {
    let Some(present) = present else {
        return Some(View { facts: Arc::new(facts), seats: Arc::new(seats), true_at, clock });
    };
    let (own, other) = (present.seats.vector(), seats.vector());
    if own.covers(other) {
        return Some(present.still_true(true_at, clock));
    }
    let is_later = if own.epoch == other.epoch { other.covers(own) } else { true_at > present.true_at };
    let (facts, seats) = (Arc::new(facts), Arc::new(seats));
    is_later.then(|| View { facts, seats, true_at: present.true_at.max(true_at), clock })
}

#[cfg(test)]
mod tests;
