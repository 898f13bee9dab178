//! A schedule: one dated performance of a concert.

use time::OffsetDateTime;

use super::{ConcertId, ScheduleId, StartRange};

/// A bookable performance: its sale is open, it has not begun, and seats are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// When it begins.
    pub starts_at: OffsetDateTime,
    /// When booking opened.
    pub sale_opens_at: OffsetDateTime,
    /// When booking ends.
    pub sale_closes_at: OffsetDateTime,
    /// How many seats its hall has.
    pub total_seats: u32,
    /// How many of them were free when the store was read.
    pub available_seats: u32,
    /// What its seats cost.
    pub prices: Prices,
}

/// The span of prices in a schedule, sold out tiers included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// The lowest, in minor units of the currency.
    pub lowest: i64,
    /// The highest, in minor units of the currency.
    pub highest: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A schedule's place among its concert's: by start, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleKey {
    /// When it begins, to the microsecond that the store keeps.
    pub starts_at: OffsetDateTime,
    /// Its id.
    pub id: ScheduleId,
}

/// Which schedules are asked for, whatever the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleQuery {
    /// Of which concert.
    pub concert: ConcertId,
    /// Beginning when.
    pub starts: StartRange,
}

impl Schedule {
    /// The schedule's place in the order of the list.
    #[must_use]
    pub fn key(&self) -> ScheduleKey {
        ScheduleKey { starts_at: self.starts_at, id: self.id }
    }
}
