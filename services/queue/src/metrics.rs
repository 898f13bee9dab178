//! Every instrument of the queue, by OpenTelemetry's names: what it says, and with which labels.
//!
//! **Gauges** are of a room, and every copy says the same of it, to a look's precision: take the greatest by room. They
//! are what the copy knows from its looks, so reading metrics asks Redis nothing.
//!
//! **Counters** are counted by the one copy whose script did what is counted, and by what Redis answered, never by what
//! this copy wanted: so the sum over the copies is the truth, however many ticked and claimed at once. A script whose
//! answer is lost on the way is counted by nobody.

mod labels;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use onsale_telemetry::{Counter, Few, Histogram, Instruments, Label as _};
use onsale_token::{Mode, RoomId};

pub(crate) use self::labels::{BatchKind, JoinLabel, RoomFigures};
use self::labels::{KeptLabel, ModeLabel, Promise, RoomLabel};
use crate::domain::Waited;

/// So many rooms are told apart; a house has a handful.
const ROOMS: usize = 100;
const BATCHES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// From a call to the claim: a poll or two, up to the claim window.
const CLAIM_DELAYS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0];
/// A wait in line: from none to an evening.
const WAITS: [f64; 12] = [0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];

/// The queue's instruments.
#[derive(Debug)]
pub(crate) struct Metrics {
    rooms: Few,
    released: Counter<RoomLabel>,
    claimed: Counter<RoomLabel>,
    no_shows: Counter<RoomLabel>,
    late: Counter<RoomLabel>,
    left: Counter<RoomLabel>,
    sessions_ended: Counter<RoomLabel>,
    order_inversions: Counter<RoomLabel>,
    losses: Counter<RoomLabel>,
    joins: Counter<(RoomLabel, JoinLabel)>,
    batch_size: Histogram<BatchKind>,
    tick_lag: Histogram<()>,
    claim_delay: Histogram<()>,
    wait: Histogram<()>,
    wait_promises: Counter<(Promise, KeptLabel)>,
}

impl Metrics {
    /// Makes the instruments that are told things. Those that are read are made by [`Metrics::watch`].
    pub(crate) fn new(at: &Instruments) -> Arc<Self> {
        Arc::new(Self {
            rooms: Few::new(ROOMS),
            released: at.counter("onsale.queue.released", "Visitors who were called"),
            claimed: at.counter("onsale.queue.claimed", "Visitors who took a slot"),
            no_shows: at.counter(
                "onsale.queue.no_shows",
                "Called visitors whose claim window passed without a sign of them",
            ),
            late: at.counter(
                "onsale.queue.late",
                "Called visitors who came after their claim window, and within the return window",
            ),
            left: at.counter("onsale.queue.left", "Visitors who gave up their place in line"),
            sessions_ended: at
                .counter("onsale.queue.sessions_ended", "Sessions that ended, by their lease or given back"),
            order_inversions: at.counter(
                "onsale.queue.order_inversions",
                "Visitors who got a slot before somebody of a lower number, or serving fell: never",
            ),
            losses: at.counter(
                "onsale.queue.losses",
                "Times that Redis was another than before, and the room was made whole",
            ),
            joins: at.counter("onsale.queue.joins", "Joins, by what became of them"),
            batch_size: at.sizes("onsale.queue.batch_size", "", "Visitors in one script", &BATCHES),
            tick_lag: at.durations("onsale.queue.tick_lag", "How much later than due rooms were looked at"),
            claim_delay: at.sizes(
                "onsale.queue.claim_delay",
                "s",
                "Time from a call to its claim, to a look's precision",
                &CLAIM_DELAYS,
            ),
            wait: at.sizes(
                "onsale.queue.wait",
                "s",
                "Time from joining to the call, of those who claim, to a look's precision; a sample on long nights",
                &WAITS,
            ),
            wait_promises: at.counter(
                "onsale.queue.wait_promises",
                "Waits of those who claim, against what they were promised at joining",
            ),
        })
    }

    /// Makes the instruments that are read whenever metrics are, from what `read` says of every room.
    pub(crate) fn watch(
        self: &Arc<Self>,
        at: &Instruments,
        read: impl Fn() -> Vec<RoomFigures> + Send + Sync + 'static,
    ) {
        let read = Arc::new(read);
        let gauge = |name, unit, help, figure: fn(&RoomFigures) -> f64, fold: fn(f64, f64) -> f64| {
            let (metrics, read) = (Arc::clone(self), Arc::clone(&read));
            at.watched_gauge(name, unit, help, move || metrics.by_room(&read(), figure, fold));
        };
        let count = |name, help, figure| gauge(name, "", help, figure, |a, b| a + b);
        count("onsale.queue.waiting", "Visitors who have not been called", |room| to_f64(room.waiting));
        count("onsale.queue.ready", "Called visitors who are here, without a slot", |room| {
            to_f64(room.ready)
        });
        count("onsale.queue.active", "Sessions", |room| to_f64(room.active));
        count("onsale.queue.capacity", "Sessions at most", |room| to_f64(room.capacity));
        count("onsale.queue.serving_number", "The highest number called", |room| to_f64(room.serving));
        count("onsale.queue.last_number", "The last number issued", |room| to_f64(room.last_number));
        count("onsale.queue.release_rate", "Calls a second that the policy allows", |room| {
            room.rate_per_second
        });
        let help =
            "Time since the last tick by any copy; a room that calls nobody is ticked every five seconds";
        gauge("onsale.queue.tick_age", "s", help, |room| room.tick_age_s, f64::max);
        let (metrics, read) = (Arc::clone(self), Arc::clone(&read));
        let help = "1 for what the room does, 0 for what else there is";
        at.watched_gauge("onsale.queue.mode", "", help, move || metrics.modes(&read()));
    }

    /// The counters of a room, which are there from now on.
    pub(crate) fn of(self: &Arc<Self>, room: RoomId) -> RoomMetrics {
        let room = RoomLabel(self.rooms.of(room.get()));
        let counters = [
            &self.released,
            &self.claimed,
            &self.no_shows,
            &self.late,
            &self.left,
            &self.sessions_ended,
            &self.order_inversions,
            &self.losses,
        ];
        for counter in counters {
            counter.add(0, room);
        }
        for outcome in JoinLabel::known() {
            self.joins.add(0, (room, outcome));
        }
        RoomMetrics { room, all: Arc::clone(self) }
    }

    /// The rooms were looked at so much later than they were to be.
    pub(crate) fn looked(&self, lag: Duration) {
        self.tick_lag.took(lag, ());
    }

    fn by_room(
        &self,
        rooms: &[RoomFigures],
        figure: fn(&RoomFigures) -> f64,
        fold: fn(f64, f64) -> f64,
    ) -> Vec<(RoomLabel, f64)> {
        let mut figures = BTreeMap::new();
        for room in rooms {
            let known = figures.entry(RoomLabel(self.rooms.of(room.room.get())));
            known.and_modify(|value| *value = fold(*value, figure(room))).or_insert_with(|| figure(room));
        }
        figures.into_iter().collect()
    }

    fn modes(&self, rooms: &[RoomFigures]) -> Vec<((RoomLabel, ModeLabel), f64)> {
        let of = |mode: Mode| {
            let here: Vec<_> = rooms.iter().filter(|room| room.mode == mode).copied().collect();
            let all = self.by_room(rooms, |_| 0.0, f64::max);
            let here: BTreeMap<_, _> = self.by_room(&here, |_| 1.0, |a, b| a + b).into_iter().collect();
            all.into_iter()
                .map(move |(room, none)| ((room, ModeLabel(mode)), here.get(&room).copied().unwrap_or(none)))
        };
        Mode::ALL.into_iter().flat_map(of).collect()
    }
}

/// The counters of a room. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct RoomMetrics {
    room: RoomLabel,
    all: Arc<Metrics>,
}

impl RoomMetrics {
    /// A script carries so many.
    pub(crate) fn sends(&self, kind: BatchKind, items: usize) {
        self.all.batch_size.record(to_f64(u64::try_from(items).unwrap_or(u64::MAX)), kind);
    }

    /// A visitor asked for a place.
    pub(crate) fn joined(&self, outcome: JoinLabel) {
        self.all.joins.add(1, (self.room, outcome));
    }

    /// So many were called.
    pub(crate) fn released(&self, visitors: u64) {
        self.all.released.add(visitors, self.room);
    }

    /// So many were called in vain.
    pub(crate) fn no_shows(&self, visitors: u64) {
        self.all.no_shows.add(visitors, self.room);
    }

    /// So many came after their claim window.
    pub(crate) fn late(&self, visitors: u64) {
        self.all.late.add(visitors, self.room);
    }

    /// A visitor took a slot. `waited` is what came before it, where that is known.
    pub(crate) fn claimed(&self, waited: Option<Waited>) {
        self.all.claimed.add(1, self.room);
        let Some(waited) = waited else { return };
        self.all.claim_delay.took(waited.after_call, ());
        if let Some(in_line) = waited.in_line {
            self.all.wait.took(in_line, ());
        }
        if let Some(kept) = waited.kept {
            self.all.wait_promises.add(1, (Promise::P50, kept.p50.into()));
            self.all.wait_promises.add(1, (Promise::P90, kept.p90.into()));
        }
    }

    /// A visitor gave up a place.
    pub(crate) fn left(&self) {
        self.all.left.add(1, self.room);
    }

    /// So many sessions ended.
    pub(crate) fn sessions_ended(&self, sessions: u64) {
        self.all.sessions_ended.add(sessions, self.room);
    }

    /// So many were passed by somebody who came after them.
    pub(crate) fn order_inverted(&self, visitors: u64) {
        self.all.order_inversions.add(visitors, self.room);
    }

    /// A loss in Redis was made good.
    pub(crate) fn made_good(&self) {
        self.all.losses.add(1, self.room);
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers stay far below 2⁵²")]
const fn to_f64(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests;
