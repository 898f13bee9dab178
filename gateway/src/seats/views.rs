use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{layouts::Layouts, watched::Watched};
use crate::{config::SeatsConfig, metrics::Metrics, upstream::SeatViewClient};

/// How long a schedule that is no longer read stays watched.
const WATCHED_FOR: Duration = Duration::from_secs(10);

/// The seats of all schedules that somebody reads.
pub(crate) struct SeatViews {
    pub(crate) client: Arc<SeatViewClient>,
    pub(crate) layouts: Layouts,
    pub(crate) bounds: SeatsConfig,
    pub(crate) metrics: Metrics,
    watched: Mutex<HashMap<u64, Arc<Watched>>>,
    began_at: Instant,
}

impl SeatViews {
    /// No schedule is watched yet.
    pub(crate) fn new(client: Arc<SeatViewClient>, bounds: SeatsConfig, metrics: Metrics) -> Arc<Self> {
        let layouts = Layouts::new(Arc::clone(&client), metrics.clone());
        let watched = Mutex::default();
        Arc::new(Self { client, layouts, bounds, metrics, watched, began_at: Instant::now() })
    }

    /// A schedule that is watched from now on, or was.
    pub(crate) fn watch(&self, schedule: u64) -> Arc<Watched> {
        let now_ms = self.now_ms();
        let mut map = self.map();
        if let Some(watched) = map.get(&schedule) {
            watched.read(now_ms);
            return Arc::clone(watched);
        }
        while map.len() >= self.bounds.watched_schedules as usize && drop_oldest(&mut map, schedule) {}
        let watched = Arc::new(Watched::new(schedule, now_ms));
        map.insert(schedule, Arc::clone(&watched));
        watched
    }

    /// Forgets a schedule, unless it is watched anew.
    pub(crate) fn forget(&self, watched: &Arc<Watched>) {
        let mut map = self.map();
        if map.get(&watched.schedule).is_some_and(|present| Arc::ptr_eq(present, watched)) {
            map.remove(&watched.schedule);
        }
    }

    /// Forgets what nobody has read of late.
    pub(crate) fn forget_unwatched(&self) {
        let longest = u64::try_from(WATCHED_FOR.as_millis()).unwrap_or(u64::MAX);
        let now_ms = self.now_ms();
        self.map().retain(|_, watched| now_ms.saturating_sub(watched.read_ms()) <= longest);
    }

    /// Forgets what was read longest ago, until there is room for what was fetched last.
    pub(crate) fn make_room(&self, for_schedule: u64) {
        let seats = |watched: &Arc<Watched>| watched.view().map_or(0, |view| u64::from(view.seats.count()));
        let mut map = self.map();
        while map.values().map(seats).sum::<u64>() > self.bounds.watched_seats
            && drop_oldest(&mut map, for_schedule)
        {}
    }

    /// How many schedules are watched.
    pub(crate) fn count(&self) -> usize {
        self.map().len()
    }

    /// All that have a view.
    pub(crate) fn with_views(&self) -> Vec<Arc<Watched>> {
        self.map().values().filter(|watched| watched.view().is_some()).cloned().collect()
    }

    fn map(&self) -> MutexGuard<'_, HashMap<u64, Arc<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Drops what was read longest ago, but not this; whether there was anything.
fn drop_oldest(map: &mut HashMap<u64, Arc<Watched>>, but: u64) -> bool {
    let others = map.values().filter(|watched| watched.schedule != but);
    let oldest = others.min_by_key(|watched| watched.read_ms()).map(|watched| watched.schedule);
    oldest.is_some_and(|schedule| map.remove(&schedule).is_some())
}
