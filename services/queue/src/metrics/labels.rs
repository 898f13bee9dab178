use onsale_telemetry::{FewId, Label, LabelValue, label};
use onsale_token::{Mode, RoomId};

use crate::store::redis::JoinOutcome;

/// A room, one of the few that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoomLabel(pub(super) FewId);

impl Label for RoomLabel {
    const KEY: &'static str = "room";

    fn value(self) -> LabelValue {
        self.0.into()
    }
}

/// What a room does, by the names that JSON and Redis have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ModeLabel(pub(super) Mode);

impl Label for ModeLabel {
    const KEY: &'static str = "mode";

    fn known() -> Vec<Self> {
        Mode::ALL.map(Self).into()
    }

    fn value(self) -> LabelValue {
        self.0.name().into()
    }
}

label! {
    /// What became of a join.
    pub(crate) enum JoinLabel: "outcome" {
        /// A number was issued.
        New = "new",
        /// The user had a live place already.
        Again = "again",
        /// As many wait as may.
        LineFull = "line_full",
        /// The room takes no more.
        Closed = "closed",
        /// The room is off: nobody needs a number.
        WithoutANumber = "without_a_number",
        /// Redis gave no answer, or too many waited for one.
        Failed = "failed",
    }
}

label! {
    /// What travels together.
    pub(crate) enum BatchKind: "kind" {
        /// Joins of a room.
        Join = "join",
        /// Polls of called visitors.
        Claim = "claim",
    }
}

label! {
    /// What was promised of a wait.
    pub(crate) enum Promise: "promise" {
        /// Half of those in this place wait no longer.
        P50 = "p50",
        /// Nine in ten wait no longer.
        P90 = "p90",
    }
}

label! {
    /// Whether it was so.
    pub(crate) enum KeptLabel: "kept" {
        /// The wait was no longer than promised.
        Yes = "yes",
        /// It was longer.
        No = "no",
    }
}

impl From<JoinOutcome> for JoinLabel {
    fn from(outcome: JoinOutcome) -> Self {
        match outcome {
            JoinOutcome::Place { is_new: true, .. } => Self::New,
            JoinOutcome::Place { is_new: false, .. } => Self::Again,
            JoinOutcome::Full => Self::LineFull,
            JoinOutcome::Closed => Self::Closed,
            JoinOutcome::Off => Self::WithoutANumber,
        }
    }
}

impl From<bool> for KeptLabel {
    fn from(kept: bool) -> Self {
        if kept { Self::Yes } else { Self::No }
    }
}

/// What there is to say of a room whenever metrics are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RoomFigures {
    pub(crate) room: RoomId,
    pub(crate) waiting: u64,
    pub(crate) ready: u64,
    pub(crate) active: u64,
    pub(crate) capacity: u64,
    pub(crate) serving: u64,
    pub(crate) last_number: u64,
    pub(crate) rate_per_second: f64,
    pub(crate) mode: Mode,
    pub(crate) tick_age_s: f64,
}
