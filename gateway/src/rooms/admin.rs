use onsale_token::{Mode, RoomId};

/// What an operator sets. Durations in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) mode: Mode,
    pub(crate) opens_at_ms: Option<i64>,
    pub(crate) rate_per_second: f64,
    pub(crate) burst: u32,
    pub(crate) capacity: u32,
    pub(crate) claim_window_ms: u64,
    pub(crate) return_window_ms: u64,
    pub(crate) lease_ms: u64,
    pub(crate) session_cap_ms: u64,
    pub(crate) max_waiting: u64,
}

/// A room as an operator sees it: its policy and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RoomState {
    pub(crate) room: RoomId,
    pub(crate) epoch: u64,
    pub(crate) policy: Policy,
    pub(crate) policy_version: u64,
    pub(crate) serving: u64,
    pub(crate) last_number: u64,
    pub(crate) active: u64,
    pub(crate) ready: u64,
    /// Every number up to here has had its claim window.
    pub(crate) floor: u64,
    pub(crate) concerts: Vec<u64>,
}
