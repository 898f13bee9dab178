//! What can be asked of the catalog: one question a file, each from the caller's words to the
//! store and back, without transport or driver.

mod get_concert;
mod list_concerts;
mod list_schedules;
mod list_seats;

pub use get_concert::get_concert;
pub use list_concerts::{ListConcerts, list_concerts};
pub use list_schedules::{ListSchedules, list_schedules};
pub use list_seats::{ListSeats, list_seats};

use thiserror::Error;

pub use crate::domain::Subject;
use crate::{domain::Invalid, store::StoreError};

/// Why a question has no answer.
#[derive(Debug, Error)]
pub enum ReadingError {
    /// It cannot be answered, whatever the store holds.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What it is about does not exist.
    #[error("no such {0}")]
    NotFound(Subject),
    /// The store did not answer, or not sensibly.
    #[error(transparent)]
    Store(#[from] StoreError),
}
