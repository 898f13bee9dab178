//! The port that the events of seats are read through.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{ScheduleId, SeatEvent};

/// An event, and what its seat is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledEvent {
    /// The event.
    pub event: SeatEvent,
    /// What is printed on the seat's ticket.
    pub label: String,
}

/// The catalog's store, for who reads what happened.
#[async_trait]
pub trait SeatEventStore: Send + Sync {
    /// The first `limit` events of a schedule by block, version and seat, behind `after`. None when there is no such
    /// schedule.
    async fn seat_events(
        &self,
        schedule: ScheduleId,
        after: Option<&SeatEvent>,
        limit: u32,
    ) -> Result<Option<Vec<LabelledEvent>>, StoreError>;
}
