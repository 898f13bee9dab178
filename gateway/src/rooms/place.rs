use std::time::Duration;

use onsale_token::{Mode, RoomId, Wait};

/// How a visitor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In line, or called and without a slot just now.
    Waiting,
    /// Holds a session, or the room is not in force.
    Active,
    /// The place is used up.
    Expired,
    /// The room is closed to those who wait.
    Closed,
}

/// A claimed slot with a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Stable for the life of the session.
    pub(crate) id: String,
    /// When the lease ends unless it is renewed, Unix time in milliseconds.
    pub(crate) expires_at_ms: i64,
}

/// A visitor's place and what it means at this moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) room: RoomId,
    pub(crate) epoch: u64,
    /// 0 in a room that is not in force, where nobody has one.
    pub(crate) number: u64,
    pub(crate) mode: Mode,
    pub(crate) standing: Standing,
    /// number − serving − 1, and 0 once called.
    pub(crate) remaining: u64,
    /// Called, but no slot is free just now.
    pub(crate) ready: bool,
    /// Absent where no honest estimate exists.
    pub(crate) wait: Option<Wait>,
    /// When to ask again, in milliseconds; absent when there is no use in asking.
    pub(crate) poll_after_ms: Option<u64>,
    /// Present while active in a room in force.
    pub(crate) session: Option<Session>,
}

/// A place, and how true it still is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standpoint {
    pub(crate) place: Place,
    /// How old what the answer was made from is; zero when the queue was asked.
    pub(crate) age: Duration,
    /// Older than a view is while all is well.
    pub(crate) stale: bool,
}

impl Standpoint {
    /// Fresh from the queue.
    pub(crate) const fn told(place: Place) -> Self {
        Self { place, age: Duration::ZERO, stale: false }
    }
}
