//! What seat views are kept young from.

use std::{collections::HashMap, sync::Arc, time::Instant};

use async_trait::async_trait;
use onsale_seat_view::{SeatChange, Seats};

use super::StoreError;
use crate::domain::{Layout, LayoutId, ScheduleId};
use crate::seat_view::ScheduleFacts;

/// The store's clock, as it was read with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreClock {
    /// What it showed, microseconds after 1970.
    pub now_us: i64,
    /// When the answer was there: the clock showed it then or before.
    pub told_at: Instant,
}

impl StoreClock {
    /// What the store's clock shows at least at an instant that is not before the answer.
    #[must_use]
    pub fn at(&self, instant: Instant) -> i64 {
        let since = instant.saturating_duration_since(self.told_at);
        self.now_us.saturating_add(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A view that is asked about.
#[derive(Debug, Clone)]
pub struct KnownSeats {
    /// Whose seats.
    pub schedule: ScheduleId,
    /// What is known of them.
    pub seats: Arc<Seats>,
}

/// What has changed in several schedules, all at one snapshot.
#[derive(Debug, Clone)]
pub struct SeatNews {
    /// The store's epoch.
    pub epoch: i64,
    /// The store's clock.
    pub clock: StoreClock,
    /// When the store was asked: the snapshot is not older.
    pub asked_at: Instant,
    /// The revision of each schedule that there is.
    pub revisions: HashMap<ScheduleId, i64>,
    /// The schedules in which a block has another version than is known.
    pub moved: HashMap<ScheduleId, Moved>,
}

/// The blocks of a schedule that have moved, and what is kept of how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Each block that has another version, and which.
    pub blocks: Vec<(u32, u64)>,
    /// The events of these blocks above what is known; of one seat in the order they happened.
    pub events: Vec<SeatChange>,
}

/// Everything about a schedule's seats, at one snapshot.
#[derive(Debug, Clone)]
pub struct WholeSeats {
    /// What is said once for all of them.
    pub facts: ScheduleFacts,
    /// Their states.
    pub seats: Seats,
    /// The store's clock.
    pub clock: StoreClock,
    /// When the store was asked: the snapshot is not older.
    pub asked_at: Instant,
}

/// The catalog's store, for views. Always the primary: snapshots of it are ordered.
#[async_trait]
pub trait SeatViewStore: Send + Sync {
    /// What has changed since these views, told by one statement.
    async fn news(&self, known: &[KnownSeats]) -> Result<SeatNews, StoreError>;

    /// All seats of a schedule, told by one statement. None when there is no such schedule.
    async fn whole(&self, schedule: ScheduleId) -> Result<Option<WholeSeats>, StoreError>;

    /// The places of a hall. None when there is no such hall.
    async fn layout(&self, layout: LayoutId) -> Result<Option<Layout>, StoreError>;
}
