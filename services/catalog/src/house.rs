//! The house's own data: what `onsale-catalog import FILE` takes.
//!
//! One JSON file has the halls, the concerts and their schedules ([`HouseFile`], described by
//! `schema/house.schema.json`). [`read`] makes of it a [`House`] in which everything fits together,
//! or says all that does not, and where. The store then takes it over, all of it or nothing:
//! what it has under the same keys already it compares, changes what may change, and leaves the rest.

mod check;
mod file;
mod misfit;
mod numbers;
mod read;
mod seats;

pub use file::{
    ConcertFile, HallFile, HouseFile, OtherTierFile, RowsFile, ScheduleFile, SectionFile, schema,
};
pub use misfit::{Misfit, Misfits};
pub use read::{HouseError, read};

use std::collections::BTreeMap;

use time::OffsetDateTime;

/// Halls, concerts and schedules that fit together, in the order of their file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// The halls.
    pub halls: Vec<Hall>,
    /// The concerts.
    pub concerts: Vec<HouseConcert>,
}

/// A hall: a layout of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hall {
    /// The house's name for it, among the halls.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Its seats by number, from 1.
    pub seats: Vec<HallSeat>,
}

/// A place in a hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HallSeat {
    /// The part of the hall.
    pub section: String,
    /// The row's name in the section.
    pub row: String,
    /// How near the row is to the stage, from 1.
    pub rank: i16,
    /// The place in the row, from 1; an aisle skips one.
    pub position: i16,
    /// What is printed on the ticket.
    pub label: String,
    /// The price tier.
    pub tier: String,
    /// Whether a wheelchair can be placed.
    pub accessible: bool,
}

/// A concert with its schedules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseConcert {
    /// The house's name for it, among the concerts.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Who plays.
    pub performer: String,
    /// Where.
    pub venue: String,
    /// Its schedules.
    pub schedules: Vec<HouseSchedule>,
}

/// One dated performance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseSchedule {
    /// The house's name for it, among the concert's schedules.
    pub key: String,
    /// Its hall's place among the house's, from 0.
    pub hall: usize,
    /// When it begins, to the microsecond.
    pub starts_at: OffsetDateTime,
    /// When booking opens, to the microsecond.
    pub sale_opens_at: OffsetDateTime,
    /// When booking ends, to the microsecond.
    pub sale_closes_at: OffsetDateTime,
    /// ISO 4217.
    pub currency: String,
    /// What a seat of each tier of the hall costs, in minor units.
    pub prices: BTreeMap<String, i64>,
    /// How many seats one user may have; none for no limit.
    pub seats_per_user: Option<i32>,
}

#[cfg(test)]
mod tests;
