//! A hold: seats kept for one buyer until an instant.

use time::{Duration, OffsetDateTime};

use super::{Buyer, ConcertId, Invalid, Keyed, Problem, SaleId, ScheduleId, SeatNo, Written};

/// Names a hold: the 128 bits of a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HoldId(pub u128);

/// How a hold stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldState {
    /// The seats are the buyer's until its end.
    Held,
    /// As held, and payment has begun.
    Paying,
    /// All its seats are sold.
    Sold,
    /// Its buyer gave the seats back.
    Released,
    /// Its end has passed.
    Ended,
}

/// A seat of a hold or a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSeat {
    /// Its number.
    pub seat_no: SeatNo,
    /// What it costs, in minor units, as of the hold.
    pub price: i64,
    /// The part of the hall.
    pub section: String,
    /// The row within the section.
    pub row: String,
    /// What is printed on the ticket.
    pub label: String,
    /// The price tier.
    pub tier: String,
}

/// A hold as it stood at an instant of the store's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The concert of its schedule.
    pub concert: ConcertId,
    /// The schedule of its seats.
    pub schedule: ScheduleId,
    /// How it stood.
    pub state: HoldState,
    /// Its seats, by number.
    pub seats: Vec<HeldSeat>,
    /// ISO 4217.
    pub currency: String,
    /// When it began.
    pub held_at: OffsetDateTime,
    /// The first instant at which the seats are no longer kept.
    pub ends_at: OffsetDateTime,
    /// No extension goes beyond this.
    pub latest_end_at: OffsetDateTime,
    /// The instant of this answer.
    pub now: OffsetDateTime,
    /// The sale, when it is sold.
    pub sale: Option<SaleId>,
}

/// A hold that a buyer says is its own, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHold {
    /// Who asks.
    pub buyer: Buyer,
    /// Which hold.
    pub hold: HoldId,
    /// The key that this is asked under.
    pub keyed: Option<Keyed>,
}

/// What all of some seats cost, in minor units.
#[must_use]
pub fn amount(seats: &[HeldSeat]) -> i64 {
    seats.iter().fold(0, |sum, seat| sum.saturating_add(seat.price))
}

/// A hold, and what was written to make it stand so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldAnswer {
    /// The hold.
    pub hold: Hold,
    /// None where nothing was done.
    pub written: Option<Written>,
    /// Whether an idempotency key's kept answer is given again.
    pub replayed: bool,
}

/// How long things last, counted from the instant at which they are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldTimes {
    hold: Duration,
    extension: Duration,
    cap: Duration,
    payment: Duration,
}

impl HoldTimes {
    /// A new hold, an extension, all of a hold with its extensions, and a payment last so long.
    ///
    /// # Errors
    /// Names `cap` when it is shorter than a hold.
    pub fn new(
        hold: Duration,
        extension: Duration,
        cap: Duration,
        payment: Duration,
    ) -> Result<Self, Invalid> {
        if cap < hold {
            return Err(Invalid { field: "cap", problem: Problem::ShorterThanHold });
        }
        Ok(Self { hold, extension, cap, payment })
    }

    /// How long a new hold lasts.
    #[must_use]
    pub fn hold(&self) -> Duration {
        self.hold
    }

    /// How far from now an extension moves the end.
    #[must_use]
    pub fn extension(&self) -> Duration {
        self.extension
    }

    /// How long a hold lasts at most before payment begins.
    #[must_use]
    pub fn cap(&self) -> Duration {
        self.cap
    }

    /// How long a payment may take.
    #[must_use]
    pub fn payment(&self) -> Duration {
        self.payment
    }
}
