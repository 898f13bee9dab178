//! What a concert, a schedule and a seat are, and what may be asked about them.
//!
//! Pure: no transport, driver, telemetry, clock or randomness. Instants come in as values;
//! whether a seat is free at one is decided where the seats are kept, by one predicate.

mod best_available;
mod concert;
mod cursor;
mod id;
mod invalid;
mod page;
mod schedule;
mod seat;
mod seat_list;
mod start_range;
mod version;

pub use best_available::{Party, PlanSeat, SeatingPlan, SectionIndex, TierIndex};
pub use concert::{Concert, ConcertKey};
pub use cursor::{ConcertCursor, ScheduleCursor};
pub use id::{ConcertId, IdOutOfRange, ScheduleId};
pub use invalid::{Invalid, Problem};
pub use page::{Page, PageLimit};
pub use schedule::{Prices, Schedule, ScheduleKey, ScheduleQuery};
pub use seat::{SEATS_PER_BLOCK, Seat, SeatFilter, SeatNo, SeatStatus, Section};
pub use seat_list::SeatList;
pub use start_range::{StartRange, instant_from_unix_ms, unix_ms};
pub use version::SeatsVersion;
