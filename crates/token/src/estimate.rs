//! How long a number will wait, and when to ask again.

use crate::{Mode, Position, RoomView};

/// No visitor is told to ask again sooner than this, in milliseconds.
pub const POLL_FLOOR_MS: u64 = 1_000;
/// No visitor is told to stay away longer than this, in milliseconds, jitter not counted.
pub const POLL_CEILING_MS: u64 = 30_000;
/// Where there is no estimate to divide.
const POLL_UNKNOWN_MS: u64 = 10_000;
/// Polls spread by this share to either side, so that a crowd which came together does not stay together.
const JITTER_SHARE: f64 = 0.15;
/// The 90th percentile of a standard normal.
const Z_90: f64 = 1.28;
/// The standard deviation of what is learned of sessions and shows, as a share of the time
/// foretold by it: some two thousand endings and as many calls are remembered.
const LEARNED_SHARE: f64 = 0.03;
/// A called visitor learns of it by the next poll: so much later at most, near the front.
const LAST_POLL_S: f64 = 1.0;

/// How long a visitor may expect to wait from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Half of those in this place wait no longer than this, in milliseconds.
    pub p50_ms: u64,
    /// Nine in ten wait no longer than this, in milliseconds.
    pub p90_ms: u64,
}

impl RoomView {
    /// How long `number` will wait, seen from `now_ms` (Unix time in milliseconds).
    ///
    /// `None` where no honest answer exists: the number does not wait, the room is
    /// paused or closed, has no opening time yet, or its line does not move.
    #[must_use]
    pub fn wait(&self, number: u64, now_ms: i64) -> Option<Wait> {
        let Position::Waiting { .. } = self.position(number) else { return None };
        let until_open_s = match self.mode {
            Mode::Open | Mode::Draining => 0.0,
            Mode::Prequeue => to_f64(u64::try_from(self.opens_at_ms? - now_ms).unwrap_or(0)) / 1_000.0,
            Mode::Off | Mode::Paused | Mode::Closed => return None,
        };
        let ahead = self.live_ahead(number);
        let at_once = ahead.min(to_f64(self.free));
        let after = ahead - at_once;
        let drain = self.rate_per_second.min(self.slots_per_second);
        if self.rate_per_second <= 0.0 || (after > 0.0 && drain <= 0.0) {
            return None;
        }
        let slots_s = if after > 0.0 { after / drain } else { 0.0 };
        let p50_s = at_once / self.rate_per_second + slots_s;
        // Sessions end as a Poisson process would: the spread of the time that `after` of them take.
        let spread_s = if after > 0.0 { after.sqrt() / drain } else { 0.0 };
        let p90_s = p50_s + Z_90 * spread_s.hypot(LEARNED_SHARE * slots_s) + LAST_POLL_S;
        Some(Wait { p50_ms: to_ms(until_open_s + p50_s), p90_ms: to_ms(until_open_s + p90_s) })
    }

    /// When to ask again, in milliseconds. `jitter` is a random number from −1 to 1.
    #[must_use]
    pub fn poll_after_ms(&self, wait: Option<Wait>, jitter: f64) -> u64 {
        let interval = match wait {
            Some(wait) => (wait.p50_ms / 10).clamp(POLL_FLOOR_MS, POLL_CEILING_MS),
            None => POLL_UNKNOWN_MS,
        };
        with_jitter(interval, jitter)
    }

    /// When a called visitor without a slot is to ask again, in milliseconds. `jitter` is from −1 to 1.
    #[must_use]
    pub fn ready_poll_after_ms(&self, jitter: f64) -> u64 {
        with_jitter(POLL_FLOOR_MS, jitter)
    }

    /// Numbers up to and with `number` that still wait: those that were left are taken to be spread evenly.
    fn live_ahead(&self, number: u64) -> f64 {
        let above = self.last_number.max(number) - self.serving;
        let share_left = to_f64(self.left_waiting) / to_f64(above.max(1));
        (to_f64(number - self.serving) * (1.0 - share_left.min(1.0))).max(1.0)
    }
}

fn with_jitter(interval_ms: u64, jitter: f64) -> u64 {
    let factor = 1.0 + JITTER_SHARE * jitter.clamp(-1.0, 1.0);
    to_ms(to_f64(interval_ms) / 1_000.0 * factor)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate needs no more than 52 bits")]
const fn to_f64(value: u64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and a wait that long is as good as its bound"
)]
fn to_ms(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RoomId;

    /// 1,000 wait; 100 sessions of 100; ten calls a second allowed, two made room for.
    pub(crate) fn open_view() -> RoomView {
        RoomView {
            room: RoomId::SITE,
            epoch: 1,
            policy_version: 1,
            mode: Mode::Open,
            opens_at_ms: None,
            serving: 500,
            last_number: 1_500,
            left_waiting: 0,
            active: 100,
            capacity: 100,
            ready: 0,
            max_waiting: 10_000,
            free: 0,
            rate_per_second: 10.0,
            slots_per_second: 2.0,
        }
    }

    fn p50(view: &RoomView, number: u64) -> Option<u64> {
        view.wait(number, 0).map(|wait| wait.p50_ms)
    }

    #[test]
    fn the_slower_of_rate_and_slots_sets_the_pace() {
        let view = open_view();
        assert_eq!(p50(&view, 520), Some(10_000));
        assert_eq!(p50(&RoomView { rate_per_second: 1.0, ..view.clone() }, 520), Some(20_000));
        assert_eq!(p50(&RoomView { free: 10, ..view }, 520), Some(6_000));
    }

    #[test]
    fn those_who_left_shorten_the_wait() {
        assert_eq!(p50(&RoomView { left_waiting: 500, ..open_view() }, 520), Some(5_000));
    }

    #[test]
    fn there_is_no_estimate_where_none_is_honest() {
        for mode in [Mode::Off, Mode::Paused, Mode::Closed, Mode::Prequeue] {
            assert_eq!(p50(&RoomView { mode, ..open_view() }, 520), None, "{mode:?}");
        }
        assert_eq!(p50(&RoomView { slots_per_second: 0.0, ..open_view() }, 520), None);
        assert_eq!(p50(&open_view(), 500), None, "called already");
    }

    #[test]
    fn before_the_opening_its_hour_is_added() {
        let view = RoomView { mode: Mode::Prequeue, opens_at_ms: Some(60_000), ..open_view() };
        assert_eq!(view.wait(520, 0).unwrap().p50_ms, 70_000);
        assert_eq!(view.wait(520, 90_000).unwrap().p50_ms, 10_000);
    }

    proptest! {
        #[test]
        fn waits_grow_along_the_line_and_polls_stay_in_bounds(
            (a, b) in (1_u64..2_000, 1_u64..2_000),
            left in 0_u64..1_000,
            free in 0_u64..50,
            jitter in -1.0..=1.0_f64,
        ) {
            let view = RoomView { left_waiting: left, free, ..open_view() };
            let (near, far) = (500 + a.min(b), 500 + a.max(b));
            let (near, far) = (view.wait(near, 0).unwrap(), view.wait(far, 0).unwrap());
            prop_assert!(near.p50_ms <= far.p50_ms && near.p50_ms < near.p90_ms);
            let poll = view.poll_after_ms(Some(far), jitter);
            prop_assert!((850..=34_500).contains(&poll), "{poll}");
        }
    }
}
