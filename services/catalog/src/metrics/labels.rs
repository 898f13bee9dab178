//! What instruments are told apart by, and how the domain's words become that.

use onsale_seat_view::Tally;
use onsale_telemetry::{FewId, Label, LabelValue, StoreFault, label};

use crate::{
    domain::{Invariant, Refusal, Subject},
    store::{SalesError, StoreError},
};

label! {
    /// An operation on seats.
    pub enum Operation: "operation" {
        /// A buyer's hold of seats that it names.
        Hold = "hold",
        /// A buyer's hold of seats that the house picks.
        HoldBestAvailable = "hold_best_available",
        /// The end of a hold moves.
        Extend = "extend",
        /// Payment begins.
        CheckOut = "check_out",
        /// A hold is sold.
        Confirm = "confirm",
        /// A hold's seats are given back.
        Release = "release",
        /// A sale is taken back.
        Cancel = "cancel",
        /// The house keeps seats back.
        Block = "block",
        /// The house gives seats free.
        Unblock = "unblock",
    }
}

label! {
    /// What became of an operation on seats.
    pub enum Outcome: "outcome" {
        /// It was done.
        Done = "done",
        /// There was nothing to do: it was so already. A sale that is confirmed again under its order is one.
        Unchanged = "unchanged",
        /// The kept answer of an idempotency key was given again.
        Replayed = "replayed",
        /// The buyer has no such hold or sale, or there is no such schedule, section or hall.
        NotFound = "not_found",
        /// Some of the seats are not of the schedule.
        UnknownSeats = "unknown_seats",
        /// Some of the seats are not free.
        SeatsTaken = "seats_taken",
        /// There are not so many seats left as asked for.
        NotEnoughSeats = "not_enough_seats",
        /// The buyer would have more seats of the schedule than it may.
        LimitReached = "limit_reached",
        /// The schedule's sale opens later.
        SaleNotOpen = "sale_not_open",
        /// The schedule's sale is over.
        SaleOver = "sale_over",
        /// The hold has ended or was released, a payment that came too late included.
        HoldEnded = "hold_ended",
        /// Payment has begun, and the end does not move any more.
        PaymentBegun = "payment_begun",
        /// The hold is sold.
        HoldSold = "hold_sold",
        /// The hold is sold under another order.
        AnotherOrder = "another_order",
        /// The idempotency key was used for another request.
        KeyReused = "key_reused",
        /// The store is away, or too slow.
        Away = "away",
        /// Another call has the same seats just now, and did not give them back in time.
        Busy = "busy",
        /// The store's answer makes no sense.
        Broken = "broken",
        /// Its caller waits no longer, and nobody knows whether it was done.
        Abandoned = "abandoned",
    }
}

label! {
    /// How seats stand.
    pub enum SeatStanding: "state" {
        /// Free, or held until an instant that has passed.
        Available = "available",
        /// Kept for a buyer for now.
        Held = "held",
        /// Of confirmed holds.
        Sold = "sold",
        /// Kept back by the house.
        Blocked = "blocked",
    }
}

label! {
    /// Whether a connection is in use.
    pub enum ConnectionState: "state" {
        /// Nobody uses it.
        Idle = "idle",
        /// A statement does.
        Used = "used",
    }
}

label! {
    /// What came of a look at what has to hold.
    pub enum Look: "outcome" {
        /// All of it holds.
        Whole = "whole",
        /// Some of it does not.
        Broken = "broken",
        /// The store did not answer, or not in time.
        Failed = "failed",
    }
}

/// The concert of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Concert(pub(super) FewId);

impl Label for Concert {
    const KEY: &'static str = "concert";

    fn value(self) -> LabelValue {
        self.0.into()
    }
}

impl Label for Invariant {
    const KEY: &'static str = "invariant";

    fn known() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    fn value(self) -> LabelValue {
        self.name().into()
    }
}

impl SeatStanding {
    /// How many seats stand how.
    #[expect(clippy::cast_precision_loss, reason = "there are not so many seats")]
    pub(super) fn of(tally: Tally) -> [(Self, f64); 4] {
        let Tally { available, held, sold, blocked } = tally;
        [(Self::Available, available), (Self::Held, held), (Self::Sold, sold), (Self::Blocked, blocked)]
            .map(|(standing, seats)| (standing, seats as f64))
    }
}

impl Outcome {
    /// What an operation that was not done came to. None where nothing was tried: an answer was looked for that was
    /// never given.
    pub(super) fn of_error(error: &SalesError) -> Option<Self> {
        Some(match error {
            SalesError::NotFound(Subject::Answer) => return None,
            SalesError::NotFound(
                Subject::Concert
                | Subject::Schedule
                | Subject::Layout
                | Subject::Section
                | Subject::Hold
                | Subject::Sale,
            ) => Self::NotFound,
            SalesError::UnknownSeats(_) => Self::UnknownSeats,
            SalesError::Refused(refusal) => refusal.into(),
            SalesError::Store(StoreError::Away(_)) => Self::Away,
            SalesError::Store(StoreError::Busy(_)) => Self::Busy,
            SalesError::Store(StoreError::Broken(_)) => Self::Broken,
        })
    }
}

impl From<&Refusal> for Outcome {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::SeatsTaken(_) => Self::SeatsTaken,
            Refusal::NotEnoughSeats => Self::NotEnoughSeats,
            Refusal::LimitReached { .. } => Self::LimitReached,
            Refusal::SaleNotOpen { .. } => Self::SaleNotOpen,
            Refusal::SaleOver => Self::SaleOver,
            Refusal::HoldEnded => Self::HoldEnded,
            Refusal::PaymentBegun => Self::PaymentBegun,
            Refusal::HoldSold => Self::HoldSold,
            Refusal::AnotherOrder => Self::AnotherOrder,
            Refusal::KeyReused => Self::KeyReused,
        }
    }
}

impl From<&StoreError> for StoreFault {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Away(_) => Self::Away,
            StoreError::Busy(_) => Self::Busy,
            StoreError::Broken(_) => Self::Broken,
        }
    }
}

/// A refusal is an answer: the store has done what it was asked.
impl From<&SalesError> for StoreFault {
    fn from(error: &SalesError) -> Self {
        match error {
            SalesError::Store(error) => error.into(),
            SalesError::NotFound(_) | SalesError::UnknownSeats(_) | SalesError::Refused(_) => Self::None,
        }
    }
}
