//! A room without Redis: what the scripts do, for one visitor at a time.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use onsale_queue::domain::{Cohort, Departures, Head, Plan, Policy, Shows, Snapshot, plan, view};
use onsale_token::{RoomId, RoomView};

/// What `claim` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    Waiting,
    Active,
    Ready,
    Expired,
}

/// A ready visitor who gives no sign for so long gives way.
const SILENCE_MS: u64 = 10_000;

pub(crate) struct SimRoom {
    pub(crate) head: Head,
    pub(crate) active: HashSet<u64>,
    claimed: BTreeSet<u64>,
    ready: BTreeSet<u64>,
    present: BTreeMap<u64, u64>,
    history: Vec<(u64, u64)>,
    cohort_started: Option<u64>,
}

impl SimRoom {
    pub(crate) fn new(policy: Policy, now_ms: u64) -> Self {
        let head = Head {
            epoch: 1,
            policy,
            policy_version: 1,
            seq: 0,
            serving: 0,
            floor: 0,
            gone: 0,
            left_waiting: 0,
            credit: 0.0,
            tick: 0,
            tick_ms: now_ms,
            clock_ms: 0,
            ended: 0,
            arrivals: 0,
            arrival_delay_ms: 0,
            shows: Shows::default(),
            departures: Departures::default(),
        };
        Self {
            head,
            active: HashSet::new(),
            claimed: BTreeSet::new(),
            ready: BTreeSet::new(),
            present: BTreeMap::new(),
            history: Vec::new(),
            cohort_started: None,
        }
    }

    pub(crate) fn join(&mut self) -> u64 {
        self.head.seq += 1;
        self.head.seq
    }

    /// One tick; the view as gateways have it from then on.
    pub(crate) fn tick(&mut self, now_ms: u64) -> RoomView {
        let snapshot = self.snapshot(now_ms);
        let plan = plan(&snapshot);
        let mut view = view(RoomId::SITE, &snapshot, &plan);
        self.write(&plan, now_ms);
        view.serving = self.head.serving;
        view
    }

    fn snapshot(&self, now_ms: u64) -> Snapshot {
        let mut below = self.head.floor;
        let cohorts = self.history.iter().map(|(serving, called_at_ms)| {
            let within = below + 1..=*serving;
            let lapsed = *serving <= self.head.floor;
            let count =
                |set: &BTreeSet<u64>| if lapsed { 0 } else { set.range(within.clone()).count() as u64 };
            let cohort = Cohort {
                serving: *serving,
                called_at_ms: *called_at_ms,
                claimed: count(&self.claimed),
                left: 0,
                ready: count(&self.ready),
            };
            below = below.max(*serving);
            cohort
        });
        Snapshot {
            now_ms,
            head: self.head.clone(),
            active: self.active.len() as u64,
            ready: self.ready.len() as u64,
            cohorts: cohorts.collect(),
        }
    }

    fn write(&mut self, plan: &Plan, now_ms: u64) {
        let head = &mut self.head;
        head.serving = (head.serving + plan.release).min(head.seq);
        #[expect(clippy::cast_precision_loss, reason = "few are called at once")]
        let paid = plan.release as f64;
        head.credit = plan.credit - paid;
        (head.clock_ms, head.tick_ms, head.tick) = (plan.clock_ms, now_ms, head.tick + 1);
        (head.floor, head.gone) = (plan.floor, plan.gone);
        (head.shows, head.departures) = (plan.shows, plan.departures);
        (head.ended, head.arrivals, head.arrival_delay_ms) = (0, 0, 0);
        self.remember(plan);
        let silent = |since: &u64| now_ms.saturating_sub(*since) >= SILENCE_MS;
        let present = &self.present;
        self.ready.retain(|number| present.get(number).is_some_and(|since| !silent(since)));
        let gone = self.head.gone;
        self.history.retain(|(serving, _)| *serving > gone);
        // What lapsed is counted no more.
        self.claimed = self.claimed.split_off(&(self.head.floor + 1));
    }

    fn remember(&mut self, plan: &Plan) {
        let serving = self.head.serving;
        if self.history.last().is_some_and(|(last, _)| *last >= serving) || serving == 0 {
            return;
        }
        let fresh = self.cohort_started.is_some_and(|started| plan.clock_ms - started < plan.cohort_ms);
        if fresh {
            self.history.pop();
        } else {
            self.cohort_started = Some(plan.clock_ms);
        }
        self.history.push((serving, plan.clock_ms));
    }

    /// A called visitor's poll.
    pub(crate) fn claim(&mut self, number: u64, now_ms: u64) -> Claimed {
        if number > self.head.serving {
            return Claimed::Waiting;
        }
        if number <= self.head.gone && !self.present.contains_key(&number) {
            return Claimed::Expired;
        }
        if number > self.head.floor && !self.present.contains_key(&number) {
            let clock = self.head.clock_ms + (now_ms - self.head.tick_ms).min(2_000);
            let called_at =
                self.history.iter().find(|(serving, _)| *serving >= number).map_or(clock, |(_, at)| *at);
            self.head.arrivals += 1;
            self.head.arrival_delay_ms += clock.saturating_sub(called_at);
        }
        let slots = u64::from(self.head.policy.capacity).saturating_sub(self.active.len() as u64);
        if slots > self.ready.range(..number).count() as u64 {
            self.active.insert(number);
            self.claimed.insert(number);
            self.ready.remove(&number);
            self.present.remove(&number);
            return Claimed::Active;
        }
        self.present.insert(number, now_ms);
        self.ready.insert(number);
        Claimed::Ready
    }

    pub(crate) fn end_session(&mut self, number: u64) {
        if self.active.remove(&number) {
            self.head.ended += 1;
        }
    }
}
