//! Views of seats: what gateways answer readers from, kept young by asking the store again and again.
//!
//! ```text
//! tell ──► SeatViews ──► one view a watched schedule ◄── load: everything, at first and after a gap
//!                                                   ◄── refresh: what changed, of all at once
//! ```
//!
//! A view is what one snapshot of the store holds of a schedule's seats. It is replaced as a whole, so whoever reads
//! it sees one instant. Its age is counted from before the store was asked: whatever was committed by then is in it.
//! One that is older than the bound is not told to anybody; so a catalog that is cut off from its store stops
//! serving seats when the bound has passed.
//!
//! - A schedule is watched from when it is asked for until it has not been for [`WATCHED_FOR`]; nobody else costs
//!   the store anything. The memory is bounded: beyond it, what was asked for longest ago is dropped.
//! - Every 50 ms one statement asks for the blocks that moved and their events, of all watched schedules. Where
//!   events are no longer kept, the epoch changed or the schedule itself did, everything is read again.
//! - Who asks first for a schedule starts its load; who asks meanwhile waits for the same one.

mod facts;
mod figures;
mod get_layout;
mod load;
mod refresh;
mod tell;
mod view;
mod views;
mod watched;

pub use facts::ScheduleFacts;
pub use get_layout::get_layout;
pub use tell::{Told, ToldSeats, Watch};
pub use view::{Gap, SeatView};
pub use views::{SeatViewBounds, SeatViews, WATCHED_FOR};
