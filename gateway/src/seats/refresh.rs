use std::sync::Arc;

use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use super::{SeatViews, news::Known, watched::Watched};
use crate::failure::Failure;

/// How many calls may be under way: the next copy is asked on time, whether or not one hangs.
const CALLS_AT_ONCE: usize = 4;

/// Keeps the views young; never ends.
pub(crate) async fn keep_fresh(views: Arc<SeatViews>) {
    let mut ticks = interval(views.bounds.seat_refresh);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut calls = JoinSet::new();
    loop {
        ticks.tick().await;
        while calls.try_join_next().is_some() {}
        views.forget_unwatched();
        let watched = views.with_views();
        if !watched.is_empty() && calls.len() < CALLS_AT_ONCE {
            let views = Arc::clone(&views);
            calls.spawn(async move {
                if let Err(failure) = views.refresh(&watched).await {
                    tracing::debug!(%failure, "seats are not refreshed");
                    views.metrics.seat_refresh_failed();
                }
            });
        }
    }
}

impl SeatViews {
    /// Asks a copy for what is new about these.
    pub(crate) async fn refresh(&self, watched: &[Arc<Watched>]) -> Result<(), Failure> {
        let known: Vec<Known> = watched.iter().map(|watched| watched.known()).collect();
        // What comes later than the bound is of no use.
        let told = self.client.refresh(&known, self.bounds.seat_bound).await?;
        let instants = (told.asked_at, told.told_at);
        for ((watched, known), news) in watched.iter().zip(known).zip(told.news) {
            if !watched.learn(known.vector.as_ref(), news, instants) {
                self.forget(watched);
            }
        }
        Ok(())
    }

    /// Asks for the first view of a schedule.
    pub(crate) async fn fetch(&self, watched: &Arc<Watched>) -> Result<(), Failure> {
        let not_found = || Failure::NotFound { what: Some("schedule".to_owned()) };
        let known = watched.known();
        let told = self.client.first(&known).await?;
        let instants = (told.asked_at, told.told_at);
        let news = told.news.into_iter().next();
        let is_there = news.is_some_and(|news| watched.learn(known.vector.as_ref(), news, instants));
        if is_there {
            self.make_room(watched.schedule);
            Ok(())
        } else {
            self.forget(watched);
            Err(not_found())
        }
    }
}
