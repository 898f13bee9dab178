/// How a seat is kept in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// Nobody's.
    Free,
    /// One buyer's until an instant, and nobody's from then on.
    Held {
        /// The end, microseconds after 1970 by the store's clock.
        until_us: i64,
    },
    /// A confirmed hold.
    Sold,
    /// Kept back by the house.
    Blocked,
}

/// How a seat stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    /// Free, or held until an instant that has passed.
    Available,
    /// Kept for one buyer for now.
    Held,
    /// A confirmed hold.
    Sold,
    /// Kept back by the house.
    Blocked,
}

/// A seat that changed, with how it stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatChange {
    /// Its number, from 1.
    pub seat_no: u32,
    /// The version of its block that it changed with, or a later one where that is not known.
    pub version: u64,
    /// How it stands.
    pub state: SeatState,
}

impl SeatState {
    /// The state as the store and the contract number it: 0 free, 1 held, 2 sold, 3 blocked.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Held { .. } => 1,
            Self::Sold => 2,
            Self::Blocked => 3,
        }
    }

    /// The end of the hold, where there is one.
    #[must_use]
    pub const fn until_us(self) -> Option<i64> {
        match self {
            Self::Held { until_us } => Some(until_us),
            Self::Free | Self::Sold | Self::Blocked => None,
        }
    }

    /// The state of that number; `until_us` is asked for the end of a held one. None for a number that there is not,
    /// and for a held seat without an end.
    pub fn from_code(code: u8, until_us: impl FnOnce() -> Option<i64>) -> Option<Self> {
        match code {
            0 => Some(Self::Free),
            1 => until_us().map(|until_us| Self::Held { until_us }),
            2 => Some(Self::Sold),
            3 => Some(Self::Blocked),
            _ => None,
        }
    }
}

impl Shown {
    /// How a seat stands when the store's clock shows `now_us`: the predicate `seat_is_free` of the store.
    #[must_use]
    pub const fn of(state: SeatState, now_us: i64) -> Self {
        match state {
            SeatState::Free => Self::Available,
            SeatState::Held { until_us } if until_us <= now_us => Self::Available,
            SeatState::Held { .. } => Self::Held,
            SeatState::Sold => Self::Sold,
            SeatState::Blocked => Self::Blocked,
        }
    }
}
