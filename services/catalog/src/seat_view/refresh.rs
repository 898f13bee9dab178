use std::{convert::Infallible, sync::Arc, time::Instant};

use tokio::time::{MissedTickBehavior, interval};

use super::{
    SeatView, SeatViews,
    watched::{Known, Watched},
};
use crate::store::{KnownSeats, SeatNews, StoreError};

impl SeatViews {
    /// Keeps the views young for as long as it is run. Outages pass: the views grow old meanwhile.
    pub async fn keep_fresh(self: Arc<Self>) -> Infallible {
        let mut ticks = interval(self.bounds.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.forget_unwatched();
            let began_at = Instant::now();
            match self.refresh().await {
                Ok(0) => {}
                Ok(_) => self.metrics.refreshed(began_at.elapsed()),
                Err(error) => {
                    // An outage is logged once, where readiness notices it.
                    tracing::debug!(%error, "seat views were not refreshed");
                    self.metrics.refresh_failed();
                }
            }
        }
    }

    /// Asks the store once for what has changed in all that is watched. How many schedules that was about.
    async fn refresh(self: &Arc<Self>) -> Result<usize, StoreError> {
        let views = self.all().into_iter().filter_map(|watched| watched.view().map(|view| (watched, view)));
        let views: Vec<_> = views.collect();
        if views.is_empty() {
            return Ok(0);
        }
        let known = views
            .iter()
            .map(|(watched, view)| KnownSeats { schedule: watched.schedule, seats: Arc::clone(&view.seats) });
        let news = self.store.news(&known.collect::<Vec<_>>()).await?;
        for (watched, view) in &views {
            self.learn(watched, view, &news);
        }
        Ok(views.len())
    }

    fn learn(self: &Arc<Self>, watched: &Arc<Watched>, view: &Arc<SeatView>, news: &SeatNews) {
        let vector = view.seats.vector();
        let Some(revision) = news.revisions.get(&watched.schedule) else {
            watched.known.send_replace(Known::NotFound);
            return self.forget(watched);
        };
        if (news.epoch, *revision) != (vector.epoch, vector.revision) {
            return self.load_anew(watched, view);
        }
        match view.brought_up(news.moved.get(&watched.schedule), news.asked_at, news.clock) {
            Ok(later) => watched.replace(view, later),
            Err(gap) => {
                tracing::debug!(schedule = %watched.schedule, %gap, "seats are read anew");
                self.load_anew(watched, view);
            }
        }
    }
}
