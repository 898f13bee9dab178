use std::time::Duration;

use super::shows::to_f64;

/// How fast sessions end: a hazard (endings for each session and second), learned, with a prior.
///
/// A hazard rather than a count a second, because it holds while the slots still
/// fill up: twice the sessions end twice as often.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Departures {
    /// Sessions that ended, weighted.
    pub ended: f64,
    /// The time that sessions lasted, weighted, in session-milliseconds.
    pub lasted_ms: f64,
}

/// After so long a count's weight has fallen to 1/e.
const MEMORY: Duration = Duration::from_mins(5);
/// The prior weighs as much as so long a look at a full room.
const PRIOR_WEIGHT: Duration = Duration::from_secs(2);

impl Departures {
    /// Takes in what happened since the tick before.
    pub fn note(&mut self, ended: u64, active: u64, elapsed_ms: u64) {
        let elapsed = to_f64(elapsed_ms);
        let kept = (-elapsed / (MEMORY.as_secs_f64() * 1_000.0)).exp();
        self.ended = self.ended * kept + to_f64(ended);
        self.lasted_ms = self.lasted_ms * kept + to_f64(active) * elapsed;
    }

    /// Endings a second in a room with all its slots taken.
    ///
    /// Until something was seen, sessions are taken to last one lease.
    #[must_use]
    pub fn per_second_when_full(&self, capacity: u32, lease: Duration) -> f64 {
        let capacity = f64::from(capacity);
        let prior_s = capacity * PRIOR_WEIGHT.as_secs_f64();
        let prior_ended = prior_s / lease.as_secs_f64().max(1.0);
        let lasted_s = self.lasted_ms / 1_000.0 + prior_s;
        if lasted_s <= 0.0 { 0.0 } else { capacity * (self.ended + prior_ended) / lasted_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_mins(10);

    #[test]
    fn before_anything_was_seen_sessions_last_a_lease() {
        let per_second = Departures::default().per_second_when_full(600, LEASE);
        assert!((per_second - 1.0).abs() < 1e-9, "{per_second}");
        assert!(Departures::default().per_second_when_full(0, LEASE).abs() < 1e-9);
    }

    #[test]
    fn half_a_room_tells_as_much_as_a_full_one() {
        let mut departures = Departures::default();
        // Half full, and 300 sessions of mean 150 s: two end each second.
        for _ in 0..1_800 {
            departures.note(2, 300, 1_000);
        }
        let per_second = departures.per_second_when_full(600, LEASE);
        assert!((per_second - 4.0).abs() < 0.2, "{per_second}");
    }
}
