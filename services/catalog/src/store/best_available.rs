//! The port that seats are picked through.

use async_trait::async_trait;
use time::Duration;

use super::{HoldSeats, SalesError, StoreError};
use crate::domain::{
    Buyer, ConcertId, HoldAnswer, Keyed, LayoutId, Picker, ScheduleId, SeatingPlan, Section,
};

/// How the seats of a schedule stand, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatsStanding {
    /// The hall.
    pub layout: LayoutId,
    /// By number: 0 for a seat that is free.
    pub states: Vec<u8>,
}

/// A hold of seats that are picked for the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldPicked {
    /// Who buys.
    pub buyer: Buyer,
    /// The key that this is asked under.
    pub keyed: Option<Keyed>,
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// Only in this part of the hall.
    pub section: Option<Section>,
    /// How long the hold lasts.
    pub hold: Duration,
    /// How long it lasts at most, extended.
    pub cap: Duration,
}

/// The catalog's store, for who leaves the choice of seats to the house.
#[async_trait]
pub trait BestAvailableStore: Send + Sync {
    /// How the seats of a schedule stand at the store's present instant; none when the concert has no such schedule.
    async fn standing(
        &self,
        concert: ConcertId,
        schedule: ScheduleId,
    ) -> Result<Option<SeatsStanding>, StoreError>;

    /// A hall, arranged for picking; none when there is no such hall.
    async fn seating_plan(&self, layout: LayoutId) -> Result<Option<SeatingPlan>, StoreError>;

    /// Holds picked seats. What others have in their hands just now is taken.
    async fn hold_picked(&self, request: HoldSeats) -> Result<HoldAnswer, SalesError>;

    /// Picks and holds while nobody else does so in the same section, or where none is named in the hall.
    async fn pick_in_turn(&self, request: HoldPicked, picker: Picker) -> Result<HoldAnswer, SalesError>;
}
