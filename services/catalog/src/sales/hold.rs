use super::SalesError;
use crate::{
    domain::{Buyer, ConcertId, HoldAnswer, HoldTimes, Keyed, ScheduleId, SeatNumbers},
    store::{HoldSeats, SalesStore},
};

/// Seats that a buyer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldNamed {
    /// Who buys.
    pub buyer: Buyer,
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// The seats.
    pub seats: SeatNumbers,
    /// The key that this is asked under.
    pub keyed: Option<Keyed>,
}

/// Keeps the seats for the buyer, all or none.
pub async fn hold_named(
    store: &dyn SalesStore,
    times: HoldTimes,
    request: HoldNamed,
) -> Result<HoldAnswer, SalesError> {
    let HoldNamed { buyer, concert, schedule, seats, keyed } = request;
    let (hold, cap) = (times.hold(), times.cap());
    store.hold_seats(HoldSeats { buyer, keyed, concert, schedule, seats, hold, cap }).await
}

/// The answer that was given under the key, for a caller that may not hold anew just now.
pub async fn kept_hold(store: &dyn SalesStore, buyer: Buyer, keyed: Keyed) -> Result<HoldAnswer, SalesError> {
    store.kept_hold(buyer, keyed).await
}
