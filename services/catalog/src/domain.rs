//! What a concert, a schedule and a seat are, and what may be asked about them.
//!
//! Pure: no transport, driver, telemetry, clock or randomness. Instants come in as values;
//! whether a seat is free at one is decided where the seats are kept, by one predicate.

mod best_available;
mod buyer;
mod concert;
mod cursor;
mod finding;
mod history;
mod hold;
mod house_seats;
mod id;
mod idempotency;
mod invalid;
mod layout;
mod page;
mod picker;
mod refusal;
mod sale;
mod schedule;
mod seat;
mod seat_event;
mod seat_list;
mod seat_numbers;
mod start_range;
mod subject;
mod version;
mod written;

pub use best_available::{Party, PlanSeat, SeatingPlan, SectionIndex, TierIndex};
pub use buyer::Buyer;
pub use concert::{Concert, ConcertKey};
pub use cursor::{ConcertCursor, ScheduleCursor};
pub use finding::{Finding, Invariant};
pub use history::{Breach, Extent, Fault, Verdict, judge};
pub use hold::{HeldSeat, Hold, HoldAnswer, HoldId, HoldState, HoldTimes, OwnHold, amount};
pub use house_seats::HouseSeatsAnswer;
pub use id::{ConcertId, IdOutOfRange, LayoutId, ScheduleId};
pub use idempotency::{IdempotencyKey, Keyed, RequestDigest};
pub use invalid::{Invalid, Problem};
pub use layout::{Layout, LayoutSeat};
pub use page::{Page, PageLimit};
pub use picker::Picker;
pub use refusal::Refusal;
pub use sale::{OrderRef, OwnSale, Sale, SaleAnswer, SaleId};
pub use schedule::{Prices, Schedule, ScheduleKey, ScheduleQuery};
pub use seat::{SEATS_PER_BLOCK, Seat, SeatFilter, SeatNo, SeatStatus, Section};
pub use seat_event::{Cause, SeatEvent, Standing};
pub use seat_list::SeatList;
pub use seat_numbers::SeatNumbers;
pub use start_range::{StartRange, instant_from_unix_ms, unix_ms};
pub use subject::Subject;
pub use version::SeatsVersion;
pub use written::{BlockVersion, Written};
