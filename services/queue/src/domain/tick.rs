use std::time::Duration;

use onsale_token::{Mode, RoomId, RoomView};

use super::{Departures, Policy, Shows, shows::to_f64};

/// No tick moves a room's clock on by more than this: when nobody ticked, Redis
/// or every copy was away, and windows stand still for as long.
const LONGEST_STEP_MS: u64 = 2_000;
/// A claim window is split into so many cohorts, so that a tick's cost has a bound.
const COHORTS_IN_WINDOW: u32 = 64;
const LONGEST_COHORT: Duration = Duration::from_secs(5);
/// Rooms that admit are ticked at least this often.
const LONGEST_BETWEEN_TICKS: Duration = Duration::from_millis(500);

/// What a room's head says: everything of it but the line itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// A reset starts a new one.
    pub epoch: u64,
    /// What the operator set.
    pub policy: Policy,
    /// Grows with every change of the policy.
    pub policy_version: u64,
    /// The last number issued.
    pub seq: u64,
    /// The highest number called in.
    pub serving: u64,
    /// Every number up to here has had its claim window.
    pub floor: u64,
    /// Every number up to here has had its return window too.
    pub gone: u64,
    /// Of the numbers above serving, how many were left.
    pub left_waiting: u64,
    /// Calls saved up, at `tick_ms`.
    pub credit: f64,
    /// Counts ticks that were written.
    pub tick: u64,
    /// When the last one was, by Redis' clock, Unix time in milliseconds.
    pub tick_ms: u64,
    /// The room's own clock, in milliseconds: it runs while the room admits and is looked after.
    pub clock_ms: u64,
    /// Sessions that ended since the last tick.
    pub ended: u64,
    /// Called visitors who gave their first sign since the last tick.
    pub arrivals: u64,
    /// How long after their calls these came, in all, in milliseconds.
    pub arrival_delay_ms: u64,
    /// What was learned of the called.
    pub shows: Shows,
    /// What was learned of sessions.
    pub departures: Departures,
}

/// Numbers that were called at about the same time, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The highest number of the cohort; the one before ends below it.
    pub serving: u64,
    /// When its last number was called, by the room's clock.
    pub called_at_ms: u64,
    /// How many of it claimed.
    pub claimed: u64,
    /// How many of it left.
    pub left: u64,
    /// How many of it are present without a slot.
    pub ready: u64,
}

/// A room at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Redis' clock, Unix time in milliseconds.
    pub now_ms: u64,
    /// The room's head.
    pub head: Head,
    /// Sessions.
    pub active: u64,
    /// Called and present without a slot.
    pub ready: u64,
    /// Cohorts above `gone`, oldest first; counts are filled in above `floor`.
    pub cohorts: Vec<Cohort>,
}

/// What a tick decided. Writing it is a clamped increment, refused if another tick came before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The room's clock from now on.
    pub clock_ms: u64,
    /// The new floor.
    pub floor: u64,
    /// The new `gone`.
    pub gone: u64,
    /// How many who still wait are to be called; numbers that were left are passed over free of charge.
    pub release: u64,
    /// Credit before these calls are paid.
    pub credit: f64,
    /// How many could be called now if the rate did not matter.
    pub free: u64,
    /// Calls within so long of each other form one cohort.
    pub cohort_ms: u64,
    /// What is known of the called.
    pub shows: Shows,
    /// What is known of sessions.
    pub departures: Departures,
}

/// Decides what a room does at an instant.
///
/// A function of stored state and Redis' clock alone: however many copies ask,
/// they call no more together than one of them would.
#[must_use]
pub fn plan(snapshot: &Snapshot) -> Plan {
    let Snapshot { now_ms, head, active, ready, cohorts } = snapshot;
    let policy = &head.policy;
    let admits = mode(snapshot).admits();
    let elapsed_ms = now_ms.saturating_sub(head.tick_ms);
    let clock_ms = if admits { head.clock_ms + elapsed_ms.min(LONGEST_STEP_MS) } else { head.clock_ms };

    let claim_ms = as_ms(policy.claim_window);
    let floor = reached(cohorts, clock_ms, claim_ms).max(head.floor);
    let gone = reached(cohorts, clock_ms, claim_ms + as_ms(policy.return_window)).max(head.gone);

    let shows = learn_shows(head, cohorts, floor);
    let mut departures = head.departures;
    departures.note(head.ended, *active, elapsed_ms);

    let refill = policy.rate_per_second * to_f64(elapsed_ms) / 1_000.0;
    let credit = (head.credit + refill).min(most_credit(policy));
    let expected = still_expected(cohorts, floor, clock_ms, &shows);
    let free = soft_free(u64::from(policy.capacity), *active, *ready, expected, &shows);
    let waiting = head.seq.saturating_sub(head.serving).saturating_sub(head.left_waiting);
    let release = if admits { floor_of(credit).min(free).min(waiting) } else { 0 };
    Plan {
        clock_ms,
        floor,
        gone,
        release,
        credit,
        free,
        cohort_ms: as_ms((policy.claim_window / COHORTS_IN_WINDOW).min(LONGEST_COHORT)),
        shows,
        departures,
    }
}

/// A burst, and never less than what the rate allows between two ticks, which would throttle the rate.
fn most_credit(policy: &Policy) -> f64 {
    f64::from(policy.burst).max(policy.rate_per_second * LONGEST_BETWEEN_TICKS.as_secs_f64())
}

/// The mode in force at the snapshot's instant.
fn mode(snapshot: &Snapshot) -> Mode {
    snapshot.head.policy.mode_at(i64::try_from(snapshot.now_ms).unwrap_or(i64::MAX))
}

/// The highest number whose window of that length is over.
fn reached(cohorts: &[Cohort], clock_ms: u64, window_ms: u64) -> u64 {
    let over = |cohort: &&Cohort| cohort.called_at_ms + window_ms <= clock_ms;
    cohorts.iter().take_while(over).last().map_or(0, |cohort| cohort.serving)
}

/// The cohorts above `floor`, each with how many numbers it has.
fn sized(cohorts: &[Cohort], floor: u64) -> impl Iterator<Item = (&Cohort, u64)> {
    let mut below = floor;
    cohorts.iter().filter(move |cohort| cohort.serving > floor).map(move |cohort| {
        let size = cohort.serving.saturating_sub(below);
        below = cohort.serving;
        (cohort, size)
    })
}

fn learn_shows(head: &Head, cohorts: &[Cohort], new_floor: u64) -> Shows {
    let mut shows = head.shows;
    shows.note_arrivals(head.arrivals, head.arrival_delay_ms);
    for (cohort, size) in sized(cohorts, head.floor).take_while(|(cohort, _)| cohort.serving <= new_floor) {
        let called = size.saturating_sub(cohort.left);
        shows.close_cohort(called, cohort.claimed + cohort.ready);
    }
    shows
}

/// How many of the called will still come, weighing each by how long ago the call was.
fn still_expected(cohorts: &[Cohort], floor: u64, clock_ms: u64, shows: &Shows) -> f64 {
    sized(cohorts, floor)
        .map(|(cohort, size)| {
            let silent = size.saturating_sub(cohort.claimed + cohort.left + cohort.ready);
            to_f64(silent) * shows.still_comes(clock_ms.saturating_sub(cohort.called_at_ms))
        })
        .sum()
}

/// How many calls the free slots are worth, given who is on the way already.
fn soft_free(capacity: u64, active: u64, ready: u64, expected: f64, shows: &Shows) -> u64 {
    let free = to_f64(capacity.saturating_sub(active).saturating_sub(ready)) - expected;
    floor_of(free / shows.probability())
}

/// The room's view, as it is handed to gateways.
#[must_use]
pub fn view(room: RoomId, snapshot: &Snapshot, plan: &Plan) -> RoomView {
    let head = &snapshot.head;
    let policy = &head.policy;
    RoomView {
        room,
        epoch: head.epoch,
        policy_version: head.policy_version,
        mode: mode(snapshot),
        opens_at_ms: policy.opens_at_ms,
        serving: head.serving,
        last_number: head.seq,
        left_waiting: head.left_waiting,
        active: snapshot.active,
        capacity: u64::from(policy.capacity),
        ready: snapshot.ready,
        max_waiting: policy.max_waiting,
        free: plan.free,
        rate_per_second: policy.rate_per_second,
        slots_per_second: plan.departures.per_second_when_full(policy.capacity, policy.lease)
            / plan.shows.probability(),
    }
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The whole number below, and 0 for what is negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, which is what is wanted of a count"
)]
fn floor_of(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests;
