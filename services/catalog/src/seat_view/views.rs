use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::watched::Watched;
use crate::{domain::ScheduleId, metrics::SeatViewMetrics, store::SeatViewStore};

/// How long a schedule that is no longer asked for stays watched.
pub const WATCHED_FOR: Duration = Duration::from_secs(10);

/// How many schedules are loaded at once: what is loaded is large, and the store has other callers.
const LOADS_AT_ONCE: usize = 4;

/// What views may cost, and how old they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatViewBounds {
    /// No view older than this is told.
    pub age: Duration,
    /// How often the store is asked for news.
    pub every: Duration,
    /// At most so many schedules are watched.
    pub schedules: usize,
    /// At most so many seats are kept, of all of them together, unless one schedule alone has more.
    pub seats: u64,
}

/// The views of all watched schedules.
pub struct SeatViews {
    pub(super) store: Arc<dyn SeatViewStore>,
    pub(super) bounds: SeatViewBounds,
    pub(super) loads: Semaphore,
    pub(super) metrics: SeatViewMetrics,
    watched: Mutex<HashMap<ScheduleId, Arc<Watched>>>,
    began_at: Instant,
}

impl fmt::Debug for SeatViews {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SeatViews").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl SeatViews {
    /// Views of this store; none is watched yet. They grow old unless [`Self::keep_fresh`] runs.
    #[must_use]
    pub fn new(store: Arc<dyn SeatViewStore>, bounds: SeatViewBounds, metrics: SeatViewMetrics) -> Arc<Self> {
        Arc::new(Self {
            store,
            bounds,
            loads: Semaphore::new(LOADS_AT_ONCE),
            metrics,
            watched: Mutex::default(),
            began_at: Instant::now(),
        })
    }

    /// How many schedules are watched.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.map().len()
    }

    /// A schedule that is watched from now on, or was; and whether it is new.
    pub(super) fn watch(&self, schedule: ScheduleId) -> (Arc<Watched>, bool) {
        let now_ms = self.now_ms();
        let mut map = self.map();
        if let Some(known) = map.get(&schedule) {
            known.ask(now_ms);
            return (Arc::clone(known), false);
        }
        while map.len() >= self.bounds.schedules.max(1) && drop_oldest(&mut map, schedule) {}
        let watched = Arc::new(Watched::new(schedule, now_ms));
        map.insert(schedule, Arc::clone(&watched));
        (watched, true)
    }

    /// Forgets a schedule, unless it is watched anew.
    pub(super) fn forget(&self, watched: &Arc<Watched>) {
        let mut map = self.map();
        if map.get(&watched.schedule).is_some_and(|present| Arc::ptr_eq(present, watched)) {
            map.remove(&watched.schedule);
        }
    }

    /// Forgets what nobody has asked for of late.
    pub(super) fn forget_unwatched(&self) {
        let longest = u64::try_from(WATCHED_FOR.as_millis()).unwrap_or(u64::MAX);
        let now_ms = self.now_ms();
        self.map().retain(|_, watched| now_ms.saturating_sub(watched.asked_ms()) <= longest);
    }

    /// Forgets what was asked for longest ago, until there is room for what was loaded last.
    pub(super) fn make_room(&self, for_schedule: ScheduleId) {
        let mut map = self.map();
        while map.values().map(seats_of).sum::<u64>() > self.bounds.seats
            && drop_oldest(&mut map, for_schedule)
        {}
    }

    /// All that are watched.
    pub(super) fn all(&self) -> Vec<Arc<Watched>> {
        self.map().values().cloned().collect()
    }

    fn map(&self) -> MutexGuard<'_, HashMap<ScheduleId, Arc<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn seats_of(watched: &Arc<Watched>) -> u64 {
    watched.view().map_or(0, |view| u64::from(view.seats.count()))
}

/// Drops what was asked for longest ago, but not this; whether there was anything.
fn drop_oldest(map: &mut HashMap<ScheduleId, Arc<Watched>>, but: ScheduleId) -> bool {
    let others = map.values().filter(|watched| watched.schedule != but);
    let oldest = others.min_by_key(|watched| watched.asked_ms()).map(|watched| watched.schedule);
    oldest.is_some_and(|schedule| map.remove(&schedule).is_some())
}
