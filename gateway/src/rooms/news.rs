//! What a gateway and a copy of the queue tell each other in a sync.

use std::{collections::HashMap, time::Duration};

use onsale_token::{RoomId, RoomView};

/// The highest values that this gateway has seen in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) room: RoomId,
    pub(crate) epoch: u64,
    /// The highest number in a token with a valid signature, or known to be issued.
    pub(crate) number: u64,
    pub(crate) serving: u64,
    /// The last revocation received, 0 for none.
    pub(crate) revocation: u64,
}

/// What a copy of the queue knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct News {
    pub(crate) rooms: Vec<RoomNews>,
    /// How old it was when the copy told it.
    pub(crate) age: Duration,
    /// Present when it is another one than the gateway's.
    pub(crate) concert_rooms: Option<ConcertRooms>,
}

/// What a copy knows of one room.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RoomNews {
    pub(crate) view: RoomView,
    /// How long after each renewal of a lease another need not be passed on.
    pub(crate) renew_after: Duration,
    /// The numbers of sessions that ended early since the last revocation that the gateway had.
    pub(crate) revoked: Vec<u64>,
    pub(crate) last_revocation: u64,
    /// Revocations between were not kept.
    pub(crate) revocation_gap: bool,
}

/// Which concert is guarded by which room; those not named are the site room's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConcertRooms {
    pub(crate) version: String,
    pub(crate) room_by_concert: HashMap<u64, RoomId>,
}

impl ConcertRooms {
    /// The room that guards a concert.
    pub(crate) fn room_of(&self, concert: u64) -> RoomId {
        self.room_by_concert.get(&concert).copied().unwrap_or(RoomId::SITE)
    }
}
