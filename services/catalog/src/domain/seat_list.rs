//! A schedule's seats as one answer of the store.

use std::time::Instant;

use time::OffsetDateTime;

use super::{ScheduleId, Seat, SeatsVersion};

/// A schedule's seats at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatList {
    /// The schedule.
    pub schedule: ScheduleId,
    /// When it begins.
    pub starts_at: OffsetDateTime,
    /// ISO 4217.
    pub currency: String,
    /// How many seats the hall has.
    pub total_seats: u32,
    /// The version of all the schedule's seats, also of those that were not asked for.
    pub version: SeatsVersion,
    /// The seats by number; none when the version that the caller knows is still true.
    pub seats: Option<Vec<Seat>>,
    /// When the store was asked: the states are not older than this.
    pub asked_at: Instant,
}
