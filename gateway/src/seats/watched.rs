use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use arc_swap::ArcSwapOption;
use onsale_seat_view::SeatVector;
use tokio::sync::watch;

use super::{
    flight::Flight,
    news::{Known, SeatNews},
    shown::Shown,
    view::{Learned, View, learn},
};
use crate::failure::Failure;

/// A schedule that somebody reads.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) schedule: u64,
    view: ArcSwapOption<View>,
    shown: ArcSwapOption<Shown>,
    /// Held by whoever makes another view or another shown one.
    changing: Mutex<()>,
    /// Told of each refresh.
    refreshed: watch::Sender<()>,
    /// The first view is asked for once.
    pub(crate) first: Flight<Result<(), Failure>>,
    /// When it was last read, in milliseconds since the views began.
    read_ms: AtomicU64,
}

impl Watched {
    pub(crate) fn new(schedule: u64, now_ms: u64) -> Self {
        Self {
            schedule,
            view: ArcSwapOption::empty(),
            shown: ArcSwapOption::empty(),
            changing: Mutex::default(),
            refreshed: watch::Sender::new(()),
            first: Flight::default(),
            read_ms: AtomicU64::new(now_ms),
        }
    }

    pub(crate) fn read(&self, now_ms: u64) {
        // Writing only now and then keeps the line shared between cores.
        if now_ms > self.read_ms().saturating_add(100) {
            self.read_ms.fetch_max(now_ms, Ordering::Relaxed);
        }
    }

    pub(crate) fn read_ms(&self) -> u64 {
        self.read_ms.load(Ordering::Relaxed)
    }

    /// The view that there is, of any age.
    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.view.load_full()
    }

    /// What to ask about it.
    pub(crate) fn known(&self) -> Known {
        let vector = self.view().map(|view| view.seats.vector().clone());
        Known { schedule: self.schedule, vector }
    }

    /// Hears of refreshes from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.refreshed.subscribe()
    }

    /// Takes over news; whether there is such a schedule.
    pub(crate) fn learn(
        &self,
        known: Option<&SeatVector>,
        news: SeatNews,
        instants: (Instant, Instant),
    ) -> bool {
        {
            let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
            match learn(self.view().as_deref(), known, news, instants) {
                Learned::View(view) => self.view.store(Some(Arc::new(view))),
                Learned::NotFound => return false,
                Learned::Nothing => {}
            }
        }
        self.refreshed.send_replace(());
        true
    }

    /// The present view as it is shown now, or nothing without one.
    pub(crate) fn shown(&self, now: Instant) -> Option<Arc<Shown>> {
        let (view, shown) = (self.view.load(), self.shown.load());
        if let (Some(view), Some(shown)) = (&*view, &*shown)
            && shown.shows(view, view.store_now_us(now))
        {
            return Some(Arc::clone(shown));
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.view()?;
        let now_us = view.store_now_us(now);
        if let Some(shown) = self.shown.load_full().filter(|shown| shown.shows(&view, now_us)) {
            return Some(shown);
        }
        let shown = Arc::new(Shown::new(&view, now_us));
        self.shown.store(Some(Arc::clone(&shown)));
        Some(shown)
    }
}
