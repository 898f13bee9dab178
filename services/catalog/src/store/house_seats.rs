//! The port of what the house does with seats itself.

use async_trait::async_trait;

use super::SalesError;
use crate::domain::{ConcertId, HouseSeatsAnswer, ScheduleId, SeatNumbers};

/// Seats that the house keeps back or gives free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseSeats {
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// The seats.
    pub seats: SeatNumbers,
}

/// The catalog's store, for the house.
#[async_trait]
pub trait HouseSeatsStore: Send + Sync {
    /// Keeps free seats back, all of them or none.
    async fn block(&self, request: HouseSeats) -> Result<HouseSeatsAnswer, SalesError>;

    /// Gives those free that are kept back.
    async fn unblock(&self, request: HouseSeats) -> Result<HouseSeatsAnswer, SalesError>;
}
