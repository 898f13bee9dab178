use std::sync::Arc;

use tracing::Instrument as _;

use super::{
    SeatView, SeatViews,
    watched::{Known, Watched},
};
use crate::store::StoreError;

impl SeatViews {
    /// Reads everything of a schedule in the background, unless somebody does already.
    pub(super) fn load(self: &Arc<Self>, watched: &Arc<Watched>) {
        if watched.begin_load() {
            self.spawn_load(watched);
        }
    }

    /// The same for a view that cannot be brought up to date, unless another one has taken its place: a load may have
    /// ended while the store was asked what has changed since this one.
    pub(super) fn load_anew(self: &Arc<Self>, watched: &Arc<Watched>, outdated: &Arc<SeatView>) {
        if !watched.begin_load() {
            return;
        }
        if watched.is_at(outdated) {
            self.spawn_load(watched);
        } else {
            watched.end_load();
        }
    }

    fn spawn_load(self: &Arc<Self>, watched: &Arc<Watched>) {
        let (views, watched) = (Arc::clone(self), Arc::clone(watched));
        let load = async move {
            views.load_now(&watched).await;
            watched.end_load();
        };
        // It goes on when who asked first has gone, and belongs to its trace.
        tokio::spawn(load.in_current_span());
    }

    async fn load_now(&self, watched: &Arc<Watched>) {
        // The semaphore is never closed.
        let Ok(_turn) = self.loads.acquire().await else { return };
        self.metrics.loaded();
        match self.store.whole(watched.schedule).await {
            Ok(Some(whole)) => {
                watched.put(whole.into());
                self.make_room(watched.schedule);
            }
            Ok(None) => {
                watched.known.send_replace(Known::NotFound);
                self.forget(watched);
            }
            Err(error) => self.not_loaded(watched, error),
        }
    }

    /// A view that was there stays, and grows old; without one, whoever waits is told, and the next to ask tries again.
    fn not_loaded(&self, watched: &Arc<Watched>, error: StoreError) {
        tracing::debug!(schedule = %watched.schedule, %error, "seats were not loaded");
        if watched.view().is_none() {
            watched.known.send_replace(Known::Failed(Arc::new(error)));
            self.forget(watched);
        }
    }
}
