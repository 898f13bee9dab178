//! What the database says afterwards, beside what buyers were told.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
};

use onsale_catalog::domain::{Breach, Cause, Extent, HoldId, SeatEvent, SeatNo, Standing, judge};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{house::House, tally::Tally};

/// What was found.
pub(super) struct Findings {
    /// What could not rightly happen.
    pub(super) breaches: Vec<Breach>,
    /// What the tables say otherwise than each other, or than buyers were told.
    contradictions: Vec<String>,
    events: usize,
    /// How many seats anybody ever held.
    pub(super) ever_held: usize,
    /// How many seats are sold.
    pub(super) sold: usize,
}

impl Findings {
    pub(super) async fn of(house: &House, tally: &Tally) -> Self {
        // One snapshot: catalogs go on noticing that holds have ended.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let mut snapshot = house.pool.begin_with(begin).await.unwrap();
        let events = events(&mut snapshot, house.schedule).await;
        let held = events.iter().filter(|event| event.cause == Cause::Held);
        let ever_held = held.map(|event| event.seat_no).collect::<BTreeSet<_>>().len();
        let (count, verdict) = (events.len(), judge(events, Extent::Whole));
        let mut contradictions = tally.wrong.clone();
        contradictions.extend(seats_unlike(&mut snapshot, house.schedule, &verdict.standings).await);
        contradictions.extend(told_otherwise(&mut snapshot, tally).await);
        contradictions.extend(unlike_each_other(&mut snapshot).await);
        let is_sold = |standing: &&Standing| matches!(standing, Standing::Sold { .. });
        let sold = verdict.standings.values().filter(is_sold).count();
        Self { breaches: verdict.breaches, contradictions, events: count, ever_held, sold }
    }

    #[track_caller]
    pub(super) fn assert_right(&self) {
        let some = |all: usize| all.min(5);
        let (breaches, contradictions) = (self.breaches.len(), self.contradictions.len());
        assert_eq!(breaches, 0, "{:#?}", &self.breaches[..some(breaches)]);
        assert_eq!(contradictions, 0, "{:#?}", &self.contradictions[..some(contradictions)]);
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { breaches, contradictions, events, ever_held, sold } = self;
        let (breaches, contradictions) = (breaches.len(), contradictions.len());
        write!(f, "{events} events, {ever_held} seats ever held, {sold} sold, ")?;
        write!(f, "{breaches} breaches, {contradictions} contradictions")
    }
}

#[derive(Clone, Copy, FromRow)]
struct EventRow {
    block: i32,
    version: i64,
    seat_no: i32,
    at: OffsetDateTime,
    cause: i16,
    status: i16,
    hold_id: Option<Uuid>,
    held_until: Option<OffsetDateTime>,
    ended_hold_id: Option<Uuid>,
}

async fn events(snapshot: &mut PgConnection, schedule: i64) -> Vec<SeatEvent> {
    let rows: Vec<EventRow> =
        sqlx::query_as("SELECT * FROM seat_event WHERE schedule_id = $1 ORDER BY block, version, seat_no")
            .bind(schedule)
            .fetch_all(snapshot)
            .await
            .unwrap();
    rows.into_iter().map(event).collect()
}

fn event(row: EventRow) -> SeatEvent {
    SeatEvent {
        block: row.block.cast_unsigned(),
        version: row.version.cast_unsigned(),
        seat_no: SeatNo(row.seat_no.cast_unsigned()),
        at: row.at,
        cause: cause(row.cause),
        standing: standing(row.status, row.hold_id, row.held_until),
        ended_hold: row.ended_hold_id.map(hold_id),
    }
}

fn hold_id(id: Uuid) -> HoldId {
    HoldId(id.as_u128())
}

fn cause(stored: i16) -> Cause {
    match stored {
        1 => Cause::Held,
        2 => Cause::Extended,
        3 => Cause::CheckedOut,
        4 => Cause::Sold,
        5 => Cause::Ended,
        6 => Cause::Released,
        7 => Cause::Cancelled,
        8 => Cause::Blocked,
        _ => Cause::Unblocked,
    }
}

fn standing(status: i16, hold: Option<Uuid>, until: Option<OffsetDateTime>) -> Standing {
    match (status, hold.map(hold_id), until) {
        (1, Some(hold), Some(until)) => Standing::Held { hold, until },
        (2, Some(hold), None) => Standing::Sold { hold },
        (3, None, None) => Standing::Blocked,
        _ => Standing::Free,
    }
}

/// Seats whose state is not what the events say.
async fn seats_unlike(
    snapshot: &mut PgConnection,
    schedule: i64,
    standings: &BTreeMap<SeatNo, Standing>,
) -> Vec<String> {
    type Row = (i32, i16, Option<Uuid>, Option<OffsetDateTime>);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT seat_no, status, hold_id, held_until FROM seat_state WHERE schedule_id = $1")
            .bind(schedule)
            .fetch_all(snapshot)
            .await
            .unwrap();
    let unlike = rows.into_iter().filter_map(|(seat, status, hold, until)| {
        let stands = standing(status, hold, until);
        let told = standings.get(&SeatNo(seat.cast_unsigned())).copied().unwrap_or(Standing::Free);
        (stands != told).then(|| format!("seat {seat} stands as {stands:?}, and by its events as {told:?}"))
    });
    unlike.collect()
}

/// Holds and sales that nobody was told of, and those that somebody was told of and that are not there.
async fn told_otherwise(snapshot: &mut PgConnection, tally: &Tally) -> Vec<String> {
    let mut stored = Vec::new();
    for sql in [
        "SELECT id::text FROM hold",
        "SELECT id || ' of ' || hold_id FROM sale",
        "SELECT id::text FROM sale WHERE cancelled_at IS NOT NULL",
    ] {
        let ids: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *snapshot).await.unwrap();
        stored.push(ids.into_iter().collect::<HashSet<_>>());
    }
    let sales: HashSet<String> = tally.sales.iter().map(|(sale, hold)| format!("{sale} of {hold}")).collect();
    let told = [
        ("hold", tally.holds.keys().cloned().collect()),
        ("sale", sales),
        ("cancelled sale", tally.cancelled.clone()),
    ];
    let mut otherwise = Vec::new();
    for ((kind, told), stored) in told.into_iter().zip(stored) {
        let told: HashSet<String> = told;
        otherwise
            .extend(stored.difference(&told).map(|id| format!("{kind} {id} is there, and nobody knows")));
        otherwise.extend(told.difference(&stored).map(|id| format!("{kind} {id} is not there")));
    }
    otherwise
}

/// Rows that do not fit each other.
const UNLIKE: [(&str, &str); 5] = [
    (
        "a block's figures are not those of its seats and events",
        "SELECT b.block::text FROM block_version b
         CROSS JOIN LATERAL (
             SELECT count(*) FILTER (WHERE s.status = 0) AS free, min(s.held_until) AS first_end
             FROM seat_state s
             WHERE s.schedule_id = b.schedule_id AND (s.seat_no - 1) / 512 = b.block) s
         WHERE b.free_seats <> s.free OR coalesce(b.first_end, 'infinity') > coalesce(s.first_end, 'infinity')
            OR b.version <> 1 + (SELECT count(DISTINCT e.version) FROM seat_event e
                                 WHERE e.schedule_id = b.schedule_id AND e.block = b.block)",
    ),
    (
        "a live sale's seat is not sold by its hold",
        "SELECT x.seat_no::text FROM sale_seat x JOIN sale a ON a.id = x.sale_id
         LEFT JOIN seat_state s ON s.schedule_id = x.schedule_id AND s.seat_no = x.seat_no
         WHERE x.cancelled_at IS NULL AND (s.status, s.hold_id) IS DISTINCT FROM (2, a.hold_id)",
    ),
    (
        "a sold seat has no live sale",
        "SELECT s.seat_no::text FROM seat_state s
         WHERE s.status = 2 AND NOT EXISTS (
             SELECT FROM sale_seat x
             WHERE x.schedule_id = s.schedule_id AND x.seat_no = s.seat_no AND x.cancelled_at IS NULL)",
    ),
    (
        "a live hold has not all of its seats",
        "SELECT h.id::text FROM hold h
         WHERE h.state IN (0, 1) AND h.ends_at > clock_timestamp() AND cardinality(h.seat_nos) <> (
             SELECT count(*) FROM seat_state s
             WHERE s.schedule_id = h.schedule_id AND s.hold_id = h.id AND s.held_until = h.ends_at)",
    ),
    (
        "a sale has other seats than its hold",
        "SELECT a.id::text FROM sale a JOIN hold h ON h.id = a.hold_id
         WHERE a.seat_nos <> h.seat_nos OR h.state <> 2 OR a.seat_nos <> (
             SELECT array_agg(x.seat_no ORDER BY x.seat_no) FROM sale_seat x WHERE x.sale_id = a.id)",
    ),
];

async fn unlike_each_other(snapshot: &mut PgConnection) -> Vec<String> {
    let mut unlike = Vec::new();
    for (what, sql) in UNLIKE {
        let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *snapshot).await.unwrap();
        unlike.extend(found.into_iter().map(|id| format!("{what}: {id}")));
    }
    unlike
}
