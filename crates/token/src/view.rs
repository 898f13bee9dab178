use std::time::Duration;

use crate::RoomId;

/// What a room does with arrivals and with those who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Not in force: nobody needs a place.
    Off,
    /// Gives out numbers and calls nobody; turns open at `opens_at` by itself.
    Prequeue,
    /// Gives out numbers and calls them.
    Open,
    /// Gives out numbers, calls nobody and admits nobody; windows stand still.
    Paused,
    /// Gives out no more numbers, serves those who wait.
    Draining,
    /// Neither gives out numbers nor admits.
    Closed,
}

impl Mode {
    /// Every mode, in the order of a night.
    pub const ALL: [Self; 6] =
        [Self::Off, Self::Prequeue, Self::Open, Self::Paused, Self::Draining, Self::Closed];

    /// The mode's name, the same in Redis, JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Prequeue => "prequeue",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Draining => "draining",
            Self::Closed => "closed",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether visitors need a place.
    #[must_use]
    pub const fn in_force(self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Whether numbers are given out.
    #[must_use]
    pub const fn takes_joins(self) -> bool {
        matches!(self, Self::Prequeue | Self::Open | Self::Paused)
    }

    /// Whether visitors are called and admitted.
    #[must_use]
    pub const fn admits(self) -> bool {
        matches!(self, Self::Open | Self::Draining)
    }
}

/// A copy of what a room is like, enough to answer those who wait in it.
///
/// How old the copy is, is for whoever keeps it to know.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomView {
    /// Which room.
    pub room: RoomId,
    /// The room's epoch; numbers of another epoch mean nothing here.
    pub epoch: u64,
    /// Grows with every change of the policy.
    pub policy_version: u64,
    /// What the room does.
    pub mode: Mode,
    /// When prequeue turns open, Unix time in milliseconds.
    pub opens_at_ms: Option<i64>,
    /// The highest number called in so far.
    pub serving: u64,
    /// The last number issued.
    pub last_number: u64,
    /// Of the numbers above serving, how many were left by their owners.
    pub left_waiting: u64,
    /// Sessions.
    pub active: u64,
    /// Sessions at most.
    pub capacity: u64,
    /// Called and present without a slot.
    pub ready: u64,
    /// How many may wait at most.
    pub max_waiting: u64,
    /// How many positions could be called at once for the slots that are free.
    pub free: u64,
    /// Calls a second that the policy allows.
    pub rate_per_second: f64,
    /// Calls a second that ending sessions make room for.
    pub slots_per_second: f64,
}

/// Where a number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The room is off: nobody waits.
    NotInForce,
    /// A token without a number, made while the room was off, in a room that is in force.
    NoPlace,
    /// Not called yet; so many stand before it.
    Waiting {
        /// number − serving − 1.
        remaining: u64,
    },
    /// Called in: only the queue knows what became of it.
    Called,
}

impl RoomView {
    /// Where a number of this room's epoch stands.
    #[must_use]
    pub const fn position(&self, number: u64) -> Position {
        if !self.mode.in_force() {
            Position::NotInForce
        } else if number == 0 {
            Position::NoPlace
        } else if number <= self.serving {
            Position::Called
        } else {
            Position::Waiting { remaining: number - self.serving - 1 }
        }
    }

    /// How many positions may be called within `span` of the view, by its rate and its free slots.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is not negative, and saturates"
    )]
    pub fn callable_within(&self, span: Duration) -> u64 {
        self.free.min((self.rate_per_second * span.as_secs_f64()).ceil() as u64)
    }

    /// How many wait: issued, not called, not left.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.last_number.saturating_sub(self.serving).saturating_sub(self.left_waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::tests::open_view;

    #[test]
    fn a_position_is_a_subtraction() {
        let view = open_view();
        assert_eq!(view.position(view.serving + 1), Position::Waiting { remaining: 0 });
        assert_eq!(view.position(view.serving + 8), Position::Waiting { remaining: 7 });
        assert_eq!(view.position(view.serving), Position::Called);
        assert_eq!(view.position(0), Position::NoPlace);
        assert_eq!(RoomView { mode: Mode::Off, ..view }.position(0), Position::NotInForce);
    }

    #[test]
    fn rate_and_free_slots_bound_what_may_be_called_soon() {
        let view = RoomView { free: 7, rate_per_second: 10.0, ..open_view() };
        assert_eq!(view.callable_within(Duration::from_millis(450)), 5);
        assert_eq!(view.callable_within(Duration::from_secs(1)), 7);
        assert_eq!(RoomView { free: 0, ..view }.callable_within(Duration::from_secs(1)), 0);
    }

    #[test]
    fn modes_are_known_by_name() {
        for mode in Mode::ALL {
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
        }
        assert_eq!(Mode::from_name("ajar"), None);
    }
}
