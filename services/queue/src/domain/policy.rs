use std::time::Duration;

use onsale_token::{Mode, POLL_CEILING_MS};

/// The longest that a visitor is told to stay away, jitter (15 %) included.
pub const MAX_POLL_INTERVAL: Duration = Duration::from_millis(POLL_CEILING_MS / 100 * 115);

const DAY: Duration = Duration::from_hours(24);
const MAX_RATE: f64 = 100_000.0;
const MIN_RATE: f64 = 0.001;
const MAX_BURST: u32 = 100_000;
const MAX_CAPACITY: u32 = 1_000_000;
/// Redis bitmaps hold 2³² bits; the numbers of one epoch stay far below.
const MAX_WAITING: u64 = 100_000_000;

/// What an operator sets for a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What the room does.
    pub mode: Mode,
    /// With [`Mode::Prequeue`]: when to open, Unix time in milliseconds.
    pub opens_at_ms: Option<i64>,
    /// Calls a second, 0.001 to 100,000.
    pub rate_per_second: f64,
    /// How many may be called at once after a lull, 1 to 100,000.
    pub burst: u32,
    /// Sessions at once, 0 to 1,000,000.
    pub capacity: u32,
    /// How long a called visitor has to come; at least two of the longest poll intervals.
    pub claim_window: Duration,
    /// How long after that a visitor may still come back without losing the place.
    pub return_window: Duration,
    /// A session's life without renewal, 1 s to 24 h.
    pub lease: Duration,
    /// A session's life with renewals, from the lease to 24 h.
    pub session_cap: Duration,
    /// How many may wait at once, 1 to 100,000,000.
    pub max_waiting: u64,
}

/// A field of a policy that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct PolicyError {
    /// The field, as the contract names it.
    pub field: &'static str,
    /// What it has to be.
    pub rule: &'static str,
}

impl Default for Policy {
    /// A room that is off, with windows and bounds that suit a middling house.
    fn default() -> Self {
        Self {
            mode: Mode::Off,
            opens_at_ms: None,
            rate_per_second: 50.0,
            burst: 100,
            capacity: 1_000,
            claim_window: Duration::from_mins(5),
            return_window: Duration::from_mins(10),
            lease: Duration::from_mins(10),
            session_cap: Duration::from_mins(30),
            max_waiting: 1_000_000,
        }
    }
}

impl Policy {
    /// # Errors
    /// [`PolicyError`]: the first field that is out of range.
    pub fn check(&self) -> Result<(), PolicyError> {
        let rules = [
            ((MIN_RATE..=MAX_RATE).contains(&self.rate_per_second), "rate_per_second", "is 0.001 to 100000"),
            ((1..=MAX_BURST).contains(&self.burst), "burst", "is 1 to 100000"),
            (self.capacity <= MAX_CAPACITY, "capacity", "is 0 to 1000000"),
            (
                (MAX_POLL_INTERVAL * 2..=DAY).contains(&self.claim_window),
                "claim_window_ms",
                "is 69000 (two of the longest poll intervals) to 86400000",
            ),
            (self.return_window <= DAY, "return_window_ms", "is 0 to 86400000"),
            ((Duration::from_secs(1)..=DAY).contains(&self.lease), "lease_ms", "is 1000 to 86400000"),
            ((self.lease..=DAY).contains(&self.session_cap), "session_cap_ms", "is lease_ms to 86400000"),
            ((1..=MAX_WAITING).contains(&self.max_waiting), "max_waiting", "is 1 to 100000000"),
            (self.opens_at_ms.is_none_or(|at| at > 0), "opens_at_ms", "is a time after 1970"),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, rule)) => Err(PolicyError { field, rule }),
            None => Ok(()),
        }
    }

    /// The mode in force at an instant: prequeue turns open by itself.
    #[must_use]
    pub fn mode_at(&self, now_ms: i64) -> Mode {
        let opened = self.opens_at_ms.is_some_and(|at| at <= now_ms);
        if self.mode == Mode::Prequeue && opened { Mode::Open } else { self.mode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_is_valid_and_off() {
        assert_eq!(Policy::default().check(), Ok(()));
        assert!(!Policy::default().mode.in_force());
    }

    #[test]
    fn each_field_out_of_range_is_named() {
        let valid = Policy::default;
        let cases = [
            (Policy { rate_per_second: 0.0, ..valid() }, "rate_per_second"),
            (Policy { rate_per_second: f64::NAN, ..valid() }, "rate_per_second"),
            (Policy { burst: 0, ..valid() }, "burst"),
            (Policy { capacity: 1_000_001, ..valid() }, "capacity"),
            (Policy { claim_window: Duration::from_secs(68), ..valid() }, "claim_window_ms"),
            (Policy { return_window: DAY * 2, ..valid() }, "return_window_ms"),
            (Policy { lease: Duration::ZERO, ..valid() }, "lease_ms"),
            (Policy { session_cap: Duration::from_secs(1), ..valid() }, "session_cap_ms"),
            (Policy { max_waiting: 0, ..valid() }, "max_waiting"),
            (Policy { opens_at_ms: Some(0), ..valid() }, "opens_at_ms"),
        ];
        for (policy, field) in cases {
            assert_eq!(policy.check().map_err(|error| error.field), Err(field));
        }
    }

    #[test]
    fn prequeue_opens_by_itself() {
        let policy = Policy { mode: Mode::Prequeue, opens_at_ms: Some(100), ..Policy::default() };
        assert_eq!(policy.mode_at(99), Mode::Prequeue);
        assert_eq!(policy.mode_at(100), Mode::Open);
        assert_eq!(Policy { mode: Mode::Closed, ..policy }.mode_at(100), Mode::Closed);
    }
}
