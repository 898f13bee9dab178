//! How seats change hands: one operation a file, from the caller's words to the store and back, without transport or
//! driver.
//!
//! What may be done is decided where the seats are, at an instant of the store's clock that is read once everything
//! is locked. So an operation here says what is asked for and how long things last, and the store's port promises
//! that it is done wholly or not at all.

mod block;
mod cancel;
mod check_out;
mod confirm;
mod extend;
mod get_hold;
mod get_sale;
mod hold;
mod hold_best;
mod list_holds;
mod release;
mod seating_plans;
mod unblock;

pub use block::block;
pub use cancel::cancel;
pub use check_out::check_out;
pub use confirm::{Confirm, confirm};
pub use extend::extend;
pub use get_hold::get_hold;
pub use get_sale::get_sale;
pub use hold::{HoldNamed, hold_named, kept_hold};
pub use hold_best::{HoldBest, hold_best};
pub use list_holds::{MOST_HOLDS, list_holds};
pub use release::release;
pub use seating_plans::SeatingPlans;
pub use unblock::unblock;

pub use crate::store::SalesError;
