use std::{sync::Arc, time::Instant};

use onsale_seat_view::SeatVector;
use tokio::{sync::watch, time::timeout};

use super::{
    SeatView, SeatViews,
    watched::{Known, Watched},
};
use crate::{domain::ScheduleId, reading::ReadingError, store::StoreError};

/// A schedule that a caller watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Which.
    pub schedule: ScheduleId,
    /// What the caller's view covers; none when it has none.
    pub known: Option<SeatVector>,
}

/// What is told of a watched schedule.
#[derive(Debug, Clone)]
pub struct Told {
    /// Which.
    pub schedule: ScheduleId,
    /// Its seats; none when there is no such schedule.
    pub seats: Option<ToldSeats>,
    /// When it was told: at this instant it was not older than the bound.
    pub at: Instant,
}

/// What is new for a caller in a view.
#[derive(Debug, Clone)]
pub enum ToldSeats {
    /// Nothing: the caller's view covers this one.
    Nothing(Arc<SeatView>),
    /// These seats may have changed.
    Changes(Arc<SeatView>, Vec<u32>),
    /// Everything: changes cannot be told.
    All(Arc<SeatView>),
}

/// The view is older than the bound, and did not become younger in time.
#[derive(Debug, thiserror::Error)]
#[error("the view of seats is too old")]
struct TooOld;

impl ToldSeats {
    /// The view that it is about.
    #[must_use]
    pub fn view(&self) -> &Arc<SeatView> {
        match self {
            Self::Nothing(view) | Self::Changes(view, _) | Self::All(view) => view,
        }
    }
}

impl SeatViews {
    /// What has changed in watched schedules since what the caller knows, in their order. None of it is older than
    /// the bound.
    ///
    /// # Errors
    /// [`StoreError::Away`] when a view is too old and does not become younger soon.
    pub async fn tell(self: &Arc<Self>, asked: Vec<Watch>) -> Result<Vec<Told>, ReadingError> {
        // All of them first, so that what has to be loaded is loaded at once.
        let watched: Vec<_> = asked.iter().map(|asked| self.watch_loaded(asked.schedule)).collect();
        let (young, at) = self.all_young(&watched).await?;
        let told = asked.into_iter().zip(young).map(|(asked, view)| {
            let seats = view.map(|view| news(view, asked.known.as_ref()));
            Told { schedule: asked.schedule, seats, at }
        });
        Ok(told.collect())
    }

    /// Views that are not too old, and an instant at which none of them is: while one is waited for the others grow older.
    async fn all_young(
        &self,
        watched: &[Arc<Watched>],
    ) -> Result<(Vec<Option<Arc<SeatView>>>, Instant), ReadingError> {
        loop {
            let mut young = Vec::with_capacity(watched.len());
            for watched in watched {
                young.push(self.young(watched).await?);
            }
            let views: Vec<_> = young
                .into_iter()
                .zip(watched)
                // Refreshed while another was waited for.
                .map(|(view, watched)| view.map(|view| watched.view().unwrap_or(view)))
                .collect();
            let at = Instant::now();
            if views.iter().flatten().all(|view| view.age(at) <= self.bounds.age) {
                return Ok((views, at));
            }
        }
    }

    fn watch_loaded(self: &Arc<Self>, schedule: ScheduleId) -> Arc<Watched> {
        let (watched, is_new) = self.watch(schedule);
        if is_new {
            self.load(&watched);
        }
        watched
    }

    /// A view that is not too old: the present one, or the one that comes of the load or the refresh under way. None
    /// when there is no such schedule.
    async fn young(&self, watched: &Watched) -> Result<Option<Arc<SeatView>>, ReadingError> {
        let mut known = watched.known.subscribe();
        loop {
            let has_view = match &*known.borrow_and_update() {
                Known::View(view) if view.age(Instant::now()) <= self.bounds.age => {
                    return Ok(Some(Arc::clone(view)));
                }
                Known::View(_) => true,
                Known::Nothing => false,
                Known::NotFound => return Ok(None),
                Known::Failed(error) => return Err(failed(error)),
            };
            self.change(&mut known, has_view).await?;
        }
    }

    /// Waits for what comes next: of a view two refreshes at most, of a first load as long as that takes.
    async fn change(&self, known: &mut watch::Receiver<Known>, has_view: bool) -> Result<(), ReadingError> {
        if !has_view {
            return known.changed().await.map_err(|_| too_old());
        }
        match timeout(2 * self.bounds.every, known.changed()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(too_old()),
        }
    }
}

fn news(view: Arc<SeatView>, known: Option<&SeatVector>) -> ToldSeats {
    let Some(known) = known else { return ToldSeats::All(view) };
    // A caller that another copy told more is behind nothing here, and what it has is as old as this view at most.
    if known.covers(view.seats.vector()) {
        return ToldSeats::Nothing(view);
    }
    match view.seats.changed_since(known) {
        Some(changes) => ToldSeats::Changes(view, changes),
        None => ToldSeats::All(view),
    }
}

fn too_old() -> ReadingError {
    StoreError::Away(Box::new(TooOld)).into()
}

fn failed(error: &Arc<StoreError>) -> ReadingError {
    let source = Box::new(Arc::clone(error));
    match **error {
        StoreError::Away(_) => StoreError::Away(source),
        StoreError::Busy(_) => StoreError::Busy(source),
        StoreError::Broken(_) => StoreError::Broken(source),
    }
    .into()
}
