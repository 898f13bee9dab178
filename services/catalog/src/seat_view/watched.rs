use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::sync::watch;

use super::SeatView;
use crate::{domain::ScheduleId, store::StoreError};

/// What is known of a watched schedule.
#[derive(Debug, Clone)]
pub(super) enum Known {
    /// It is being loaded for the first time.
    Nothing,
    /// A view, young or not.
    View(Arc<SeatView>),
    /// There is no such schedule.
    NotFound,
    /// It could not be loaded.
    Failed(Arc<StoreError>),
}

/// A schedule that somebody watches.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) schedule: ScheduleId,
    pub(super) known: watch::Sender<Known>,
    /// Whether a load is under way.
    loading: AtomicBool,
    /// When it was last asked for, in milliseconds since the views began.
    asked_ms: AtomicU64,
}

impl Watched {
    pub(super) fn new(schedule: ScheduleId, now_ms: u64) -> Self {
        Self {
            schedule,
            known: watch::Sender::new(Known::Nothing),
            loading: AtomicBool::new(false),
            asked_ms: AtomicU64::new(now_ms),
        }
    }

    pub(super) fn ask(&self, now_ms: u64) {
        self.asked_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    pub(super) fn asked_ms(&self) -> u64 {
        self.asked_ms.load(Ordering::Relaxed)
    }

    /// Whether nobody else loads it already; then whoever asked does, until [`Self::end_load`].
    pub(super) fn begin_load(&self) -> bool {
        !self.loading.swap(true, Ordering::AcqRel)
    }

    pub(super) fn end_load(&self) {
        self.loading.store(false, Ordering::Release);
    }

    /// The view that there is, of any age.
    pub(super) fn view(&self) -> Option<Arc<SeatView>> {
        match &*self.known.borrow() {
            Known::View(view) => Some(Arc::clone(view)),
            Known::Nothing | Known::NotFound | Known::Failed(_) => None,
        }
    }

    /// Whether this is the view that there is.
    pub(super) fn is_at(&self, view: &Arc<SeatView>) -> bool {
        matches!(&*self.known.borrow(), Known::View(present) if Arc::ptr_eq(present, view))
    }

    /// Puts a loaded view in place, unless a later snapshot is there.
    pub(super) fn put(&self, view: SeatView) {
        self.known.send_if_modified(|known| {
            let later = match &*known {
                Known::View(present) => present.asked_at < view.asked_at,
                Known::Nothing | Known::NotFound | Known::Failed(_) => true,
            };
            if later {
                *known = Known::View(Arc::new(view));
            }
            later
        });
    }

    /// Puts a view in place that was made of another one, if that is still the present one.
    pub(super) fn replace(&self, base: &Arc<SeatView>, view: SeatView) {
        self.known.send_if_modified(|known| {
            let is_present = matches!(&*known, Known::View(present) if Arc::ptr_eq(present, base));
            if is_present {
                *known = Known::View(Arc::new(view));
            }
            is_present
        });
    }
}
