//! The queue token, and what it means.
//!
//! A visitor holds one thing: a signed statement of room, epoch, number and user
//! ([`QueueToken`]). The `queue` service makes it; every program that has the
//! [`Keyring`] can check it without asking anybody.
//!
//! Since the number never changes, all that changes is one value for the whole
//! room, `serving`. A copy of that, with the few figures that estimates need, is
//! a [`RoomView`]; where a number stands against a view is a subtraction
//! ([`RoomView::position`]), made here so that the gateway and the queue cannot
//! come to different answers.
//!
//! No clock and no randomness in here: instants and jitter are parameters.

mod estimate;
mod ids;
mod keyring;
mod view;

pub use estimate::{POLL_CEILING_MS, POLL_FLOOR_MS, Wait};
pub use ids::{InvalidUserId, RoomId, UserId};
pub use keyring::{Keyring, KeyringError, QueueToken, TokenError};
pub use view::{Mode, Position, RoomView};
