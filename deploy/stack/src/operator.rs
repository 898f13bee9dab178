//! An operator's desk: what an operator does to rooms, and a look at them that does not end.

mod desk;
mod room;
mod watch;

pub use desk::{Desk, KNOWN_WITHIN};
pub use room::Room;
pub use watch::{RoomSeen, RoomWatch};
