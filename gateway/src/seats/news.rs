//! What a gateway and a copy of the catalog tell each other about seats.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use onsale_seat_view::{SeatChange, SeatVector, Seats};

/// A schedule that this gateway asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) schedule: u64,
    /// What its view covers; absent without one.
    pub(crate) vector: Option<SeatVector>,
}

/// What a copy answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refreshed {
    /// When the call that was answered was sent.
    pub(crate) asked_at: Instant,
    /// When its answer was there.
    pub(crate) told_at: Instant,
    /// In the order of the question; the last may be missing where the answer would be too long.
    pub(crate) news: Vec<SeatNews>,
}

/// What is new about one schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatNews {
    pub(crate) schedule: u64,
    /// How old it was when the copy told it.
    pub(crate) age: Duration,
    /// What the store's clock showed then at least, microseconds after 1970.
    pub(crate) now_us: i64,
    pub(crate) of: NewsOf,
}

/// What the news are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NewsOf {
    /// There is no such schedule.
    NotFound,
    /// What is known covers what the copy has.
    Nothing,
    /// All of it.
    All(Facts, Seats),
    /// What has changed since what is known, and what is covered with it.
    Changes(SeatVector, Vec<SeatChange>),
}

/// What is said once for all of a schedule's seats. Instants are Unix time in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) concert: u64,
    pub(crate) schedule: u64,
    pub(crate) layout: u64,
    pub(crate) starts_at_ms: i64,
    /// ISO 4217.
    pub(crate) currency: String,
    /// By tier, in minor units.
    pub(crate) prices: BTreeMap<String, i64>,
}
