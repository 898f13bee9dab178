use uuid::Uuid;

use super::Written;

/// What a buyer wants to hold of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) concert: u64,
    /// Of that concert.
    pub(crate) schedule: u64,
    pub(crate) seats: WantedSeats,
}

/// Which seats a buyer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WantedSeats {
    /// These, all or none.
    Named(Vec<u32>),
    /// So many that go together.
    BestAvailable {
        count: u32,
        /// Only of this tier.
        tier: Option<String>,
        /// Only in this section.
        section: Option<String>,
        /// Accessible seats only; otherwise none of them.
        accessible: bool,
    },
}

/// How a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoldState {
    /// The seats are the buyer's until the end.
    Held,
    /// The same, and payment has begun.
    Paying,
    Sold,
    Released,
    /// Its end has passed.
    Ended,
}

/// Seats kept for one buyer until an instant. Instants are Unix time in milliseconds by the store's clock, prices in
/// minor units of the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: Uuid,
    pub(crate) concert: u64,
    pub(crate) schedule: u64,
    pub(crate) state: HoldState,
    /// By number.
    pub(crate) seats: Vec<HeldSeat>,
    /// What all of it costs, as of the hold.
    pub(crate) amount: i64,
    /// ISO 4217.
    pub(crate) currency: String,
    pub(crate) held_at_ms: i64,
    /// The first instant at which the seats are no longer kept.
    pub(crate) ends_at_ms: i64,
    /// No extension goes beyond this.
    pub(crate) latest_end_ms: i64,
    /// The store's clock as of the answer.
    pub(crate) now_ms: i64,
    /// Once it is sold.
    pub(crate) sale: Option<Uuid>,
}

/// A seat of a hold or of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldSeat {
    pub(crate) number: u32,
    /// In minor units, as of the hold.
    pub(crate) price: i64,
    pub(crate) section: String,
    pub(crate) row: String,
    /// What is printed on the ticket.
    pub(crate) label: String,
    pub(crate) tier: String,
}

/// A hold, and what was written to have it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HoldAnswer {
    pub(crate) hold: Hold,
    /// Absent where nothing was done.
    pub(crate) written: Option<Written>,
}
