use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use onsale_seat_view::Tally;

use super::SeatViews;
use crate::domain::ConcertId;

impl SeatViews {
    /// How old the oldest view is; zero where there is none.
    #[must_use]
    pub fn oldest_age(&self, now: Instant) -> Duration {
        let views = self.all().into_iter().filter_map(|watched| watched.view());
        views.map(|view| view.age(now)).max().unwrap_or_default()
    }

    /// How many seats stand how, of the watched schedules of each concert.
    #[must_use]
    pub fn tallies(&self, now: Instant) -> BTreeMap<ConcertId, Tally> {
        let mut tallies: BTreeMap<ConcertId, Tally> = BTreeMap::new();
        for view in self.all().into_iter().filter_map(|watched| watched.view()) {
            let tally = tallies.entry(view.facts.concert).or_default();
            *tally = *tally + view.seats.tally(view.clock.at(now));
        }
        tallies
    }
}
