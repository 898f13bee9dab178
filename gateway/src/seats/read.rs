use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::timeout;

use super::{SeatViews, Seen, Shown, view, watched::Watched};
use crate::{
    failure::{Failure, Service},
    metrics::{Found, View},
};

/// How often a reader who waits looks again, besides at each refresh: the store's clock goes on between two.
const LOOK: Duration = Duration::from_millis(10);

/// What a reader is shown.
#[derive(Clone, Debug)]
pub(crate) struct SeatsRead {
    pub(crate) shown: Arc<Shown>,
    /// How old it is.
    pub(crate) age: Duration,
}

impl SeatViews {
    /// The seats of a concert's schedule, no older than the bound, and with all that the reader has seen.
    ///
    /// A view that is too old, or does not have that yet, is waited for, twice as long as the bound: a reader who is
    /// refused comes again after a second at the earliest, and nobody waits longer for long, since a view that stays
    /// too old is one that nobody refreshes.
    pub(crate) async fn read(
        &self,
        (concert, schedule): (u64, u64),
        seen: &[Seen],
    ) -> Result<SeatsRead, Failure> {
        let came_at = Instant::now();
        let watched = self.watch(schedule);
        if watched.view().is_none() {
            let mut found = Found::Hit;
            let fetch = async {
                found = Found::Fetched;
                self.fetch(&watched).await
            };
            let outcome = watched.first.join(fetch).await;
            self.metrics.view(View::Seats, found);
            outcome?;
        } else {
            self.metrics.view(View::Seats, Found::Hit);
        }
        let gives_up_at = Instant::now() + 2 * self.bounds.seat_bound;
        let mut refreshed = watched.subscribe();
        let read = loop {
            if let Some(read) = self.young(&watched, came_at, seen) {
                break read;
            }
            let left = gives_up_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.metrics.seats_refused();
                return Err(Failure::away(Service::Catalog));
            }
            // Whether it was refreshed or is merely time to look makes no difference.
            let _ = timeout(left.min(LOOK), refreshed.changed()).await;
        };
        self.metrics.seats_read(read.age);
        if read.shown.facts.concert == concert {
            Ok(read)
        } else {
            Err(Failure::NotFound { what: Some("schedule".to_owned()) })
        }
    }

    fn young(&self, watched: &Watched, came_at: Instant, seen: &[Seen]) -> Option<SeatsRead> {
        let now = Instant::now();
        let view = watched.view()?;
        let age = view.age(now);
        let has_all = || seen.iter().all(|seen| has(&view, seen, came_at, now));
        if age > self.bounds.seat_bound || !has_all() {
            return None;
        }
        // Maybe of a later view than the one that was looked at, which is as good.
        watched.shown(now).map(|shown| SeatsRead { shown, age })
    }
}

/// Whether a view has what a reader has seen. What was true when the reader came has everything, whatever its epoch.
fn has(view: &view::View, seen: &Seen, came_at: Instant, now: Instant) -> bool {
    let vector = view.seats.vector();
    view.true_at >= came_at
        || match seen {
            Seen::View(version) => {
                vector.covers(&version.vector) && view.store_now_us(now) >= version.last_end_us
            }
            Seen::Write(written) => vector.covers_writes(written.epoch, &written.blocks),
        }
}
