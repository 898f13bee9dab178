use time::OffsetDateTime;

use crate::domain::{ConcertId, LayoutId};

/// What is said once for all of a schedule's seats. A change of any of it is another revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleFacts {
    /// The concert that the schedule is of.
    pub concert: ConcertId,
    /// Its hall.
    pub layout: LayoutId,
    /// When it begins.
    pub starts_at: OffsetDateTime,
    /// When booking opens.
    pub sale_opens_at: OffsetDateTime,
    /// When booking ends.
    pub sale_closes_at: OffsetDateTime,
    /// ISO 4217.
    pub currency: String,
    /// What a seat of each tier costs, in minor units of the currency.
    pub prices: Vec<(String, i64)>,
}
