use std::{collections::HashMap, time::Instant};

use onsale_seat_view::{SeatChange, SeatState};
use sqlx::FromRow;

use super::{SeatViewReader, Told};
use crate::{
    domain::ScheduleId,
    store::{
        KnownSeats, Moved, SeatNews, StoreClock, StoreError,
        postgres::{failure::Inconsistent, statement::Statement},
    },
};

/// What has changed in several schedules since known versions of their blocks: one row, all at one snapshot, so that
/// a write to several blocks is seen whole or not at all.
///
/// A block whose version is the known one costs a look at its row; only of one that moved are events read, along
/// their key. Held seats' ends are in the order of the events, null where a seat is not held.
///
/// OFFSET 0 is a fence: each block and its events are looked up by key, whatever the planner thinks of the sizes.
///
/// Parameters: the schedule, the block and the version of each known block; the schedules.
pub const SEAT_NEWS: &str = "
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t),
moved AS MATERIALIZED (
    SELECT k.schedule_id, k.block, k.version AS known, b.version
    FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS k (schedule_id, block, version)
    CROSS JOIN LATERAL (
        SELECT b.version
        FROM block_version b
        WHERE b.schedule_id = k.schedule_id AND b.block = k.block AND b.version <> k.version
        OFFSET 0) b)
SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS epoch,
       (extract(epoch FROM clock.t) * 1000000)::bigint AS now_us,
       s.*, m.*, e.*
FROM clock
CROSS JOIN (
    SELECT array_agg(id) AS schedule_id, array_agg(revision) AS revision
    FROM schedule WHERE id = ANY ($4)) s
CROSS JOIN (
    SELECT array_agg(schedule_id) AS moved_schedule, array_agg(block) AS moved_block,
           array_agg(version) AS moved_version
    FROM moved) m
CROSS JOIN (
    SELECT array_agg(e.schedule_id) AS event_schedule, array_agg(e.version) AS event_version,
           array_agg(e.seat_no) AS event_seat, array_agg(e.status) AS event_status,
           array_agg((extract(epoch FROM e.held_until) * 1000000)::bigint) AS event_held_until_us
    FROM (
        SELECT e.*
        FROM moved m
        CROSS JOIN LATERAL (
            SELECT *
            FROM seat_event e
            WHERE e.schedule_id = m.schedule_id AND e.block = m.block
              AND e.version > m.known AND e.version <= m.version
            ORDER BY e.version, e.seat_no
            OFFSET 0) e) e) e";

/// What has changed since these views.
pub(super) async fn read(reader: &SeatViewReader, known: &[KnownSeats]) -> Result<SeatNews, StoreError> {
    let (mut schedules, mut blocks, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for view in known {
        for (block, version) in (0_i32..).zip(&view.seats.vector().blocks) {
            schedules.push(view.schedule.stored());
            blocks.push(block);
            versions.push(i64::try_from(*version).unwrap_or(i64::MAX));
        }
    }
    let ids: Vec<i64> = known.iter().map(|view| view.schedule.stored()).collect();
    let sql = sqlx::query_as::<_, NewsRow>(SEAT_NEWS).bind(schedules).bind(blocks).bind(versions).bind(ids);
    let statement = Statement { name: "seat news", table: "block_version" };
    let Told { row, asked_at } = reader.ask(statement, sql).await?;
    row.into_news(asked_at, Instant::now()).map_err(Into::into)
}

#[derive(FromRow)]
struct NewsRow {
    epoch: i64,
    now_us: i64,
    #[sqlx(flatten)]
    schedules: ScheduleColumns,
    #[sqlx(flatten)]
    moved: MovedColumns,
    #[sqlx(flatten)]
    events: EventColumns,
}

#[derive(FromRow)]
struct ScheduleColumns {
    schedule_id: Option<Vec<i64>>,
    revision: Option<Vec<i64>>,
}

#[derive(FromRow)]
struct MovedColumns {
    #[sqlx(rename = "moved_schedule")]
    schedule: Option<Vec<i64>>,
    #[sqlx(rename = "moved_block")]
    block: Option<Vec<i32>>,
    #[sqlx(rename = "moved_version")]
    version: Option<Vec<i64>>,
}

#[derive(FromRow)]
struct EventColumns {
    #[sqlx(rename = "event_schedule")]
    schedule: Option<Vec<i64>>,
    #[sqlx(rename = "event_version")]
    version: Option<Vec<i64>>,
    #[sqlx(rename = "event_seat")]
    seat: Option<Vec<i32>>,
    #[sqlx(rename = "event_status")]
    status: Option<Vec<i16>>,
    #[sqlx(rename = "event_held_until_us")]
    held_until_us: Option<Vec<Option<i64>>>,
}

impl NewsRow {
    fn into_news(self, asked_at: Instant, told_at: Instant) -> Result<SeatNews, Inconsistent> {
        let revisions = column(self.schedules.schedule_id).zip(column(self.schedules.revision));
        let revisions: Result<HashMap<_, _>, _> =
            revisions.map(|(id, revision)| Ok((schedule(id)?, revision))).collect();
        let mut moved: HashMap<ScheduleId, Moved> = HashMap::new();
        let versions = column(self.moved.block).zip(column(self.moved.version));
        for (id, (block, version)) in column(self.moved.schedule).zip(versions) {
            let block = (block.unsigned_abs(), version.unsigned_abs());
            moved.entry(schedule(id)?).or_default().blocks.push(block);
        }
        self.events.add_to(&mut moved)?;
        let clock = StoreClock { now_us: self.now_us, told_at };
        Ok(SeatNews { epoch: self.epoch, clock, asked_at, revisions: revisions?, moved })
    }
}

impl EventColumns {
    fn add_to(self, moved: &mut HashMap<ScheduleId, Moved>) -> Result<(), Inconsistent> {
        let states = column(self.status).zip(column(self.held_until_us));
        let seats = column(self.seat).zip(column(self.version)).zip(states);
        for (id, ((seat_no, version), (status, until_us))) in column(self.schedule).zip(seats) {
            let code = u8::try_from(status).unwrap_or(u8::MAX);
            let state = SeatState::from_code(code, || until_us).ok_or(Inconsistent {
                table: "seat_event",
                id,
                problem: "a state that is none",
            })?;
            let change =
                SeatChange { seat_no: seat_no.unsigned_abs(), version: version.unsigned_abs(), state };
            moved.entry(schedule(id)?).or_default().events.push(change);
        }
        Ok(())
    }
}

fn schedule(id: i64) -> Result<ScheduleId, Inconsistent> {
    ScheduleId::try_from(id).map_err(|_| Inconsistent {
        table: "schedule",
        id,
        problem: "id is not positive",
    })
}

fn column<T>(values: Option<Vec<T>>) -> impl Iterator<Item = T> {
    values.into_iter().flatten()
}
