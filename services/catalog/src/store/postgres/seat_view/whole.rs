use std::time::Instant;

use onsale_seat_view::{SeatVector, Seats};
use sqlx::FromRow;
use time::OffsetDateTime;

use crate::{
    domain::{ConcertId, LayoutId, ScheduleId},
    seat_view::ScheduleFacts,
    store::{
        StoreClock, StoreError, WholeSeats,
        postgres::{PostgresStore, failure::Inconsistent, statement::Statement},
    },
};

/// Everything about a schedule's seats: one row, one snapshot.
///
/// OFFSET 0 is a fence: each table is read once, along its key.
///
/// Parameter: the schedule.
pub const WHOLE_SEATS: &str = "
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t)
SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS epoch,
       (extract(epoch FROM clock.t) * 1000000)::bigint AS now_us,
       s.concert_id, s.layout_id, s.starts_at, s.sale_opens_at, s.sale_closes_at, s.currency, s.revision,
       l.seat_count, b.versions, t.tiers, t.prices, seats.status, seats.held_until_us
FROM clock
CROSS JOIN schedule s
JOIN layout l ON l.id = s.layout_id
CROSS JOIN LATERAL (
    SELECT array_agg(b.version) AS versions
    FROM (SELECT version FROM block_version WHERE schedule_id = s.id ORDER BY block OFFSET 0) b) b
CROSS JOIN LATERAL (
    SELECT array_agg(t.tier) AS tiers, array_agg(t.price) AS prices
    FROM schedule_tier t WHERE t.schedule_id = s.id) t
CROSS JOIN LATERAL (
    SELECT array_agg(s.status) AS status,
           array_agg((extract(epoch FROM s.held_until) * 1000000)::bigint) FILTER (WHERE s.status = 1)
               AS held_until_us
    FROM (SELECT status, held_until FROM seat_state WHERE schedule_id = s.id ORDER BY seat_no OFFSET 0) s) seats
WHERE s.id = $1";

/// All seats of a schedule.
pub(super) async fn read(
    store: &PostgresStore,
    schedule: ScheduleId,
) -> Result<Option<WholeSeats>, StoreError> {
    let sql = sqlx::query_as::<_, WholeRow>(WHOLE_SEATS).bind(schedule.stored());
    let found = store.select(Statement { name: "read whole schedule", table: "seat_state" }, sql).await?;
    let told_at = Instant::now();
    let row = found.rows.into_iter().next();
    row.map(|row| row.into_whole(schedule, found.asked_at, told_at)).transpose()
}

#[derive(FromRow)]
struct WholeRow {
    epoch: i64,
    now_us: i64,
    concert_id: i64,
    layout_id: i64,
    starts_at: OffsetDateTime,
    sale_opens_at: OffsetDateTime,
    sale_closes_at: OffsetDateTime,
    currency: String,
    revision: i64,
    seat_count: i32,
    versions: Option<Vec<i64>>,
    tiers: Option<Vec<String>>,
    prices: Option<Vec<i64>>,
    status: Option<Vec<i16>>,
    held_until_us: Option<Vec<i64>>,
}

impl WholeRow {
    fn into_whole(
        self,
        schedule: ScheduleId,
        asked_at: Instant,
        told_at: Instant,
    ) -> Result<WholeSeats, StoreError> {
        let wrong = |problem| Inconsistent { table: "schedule", id: schedule.stored(), problem };
        let codes: Result<Vec<u8>, _> = self.status.into_iter().flatten().map(u8::try_from).collect();
        let codes = codes.map_err(|_| wrong("unknown status of a seat"))?;
        if i64::try_from(codes.len()) != Ok(i64::from(self.seat_count)) {
            return Err(wrong("not every seat of its layout has a state").into());
        }
        let blocks = self.versions.into_iter().flatten().map(i64::unsigned_abs).collect();
        let vector = SeatVector { epoch: self.epoch, revision: self.revision, blocks };
        let ends = self.held_until_us.unwrap_or_default();
        let seats =
            Seats::whole(vector, &codes, &ends).map_err(|_| wrong("its seats and blocks do not fit"))?;
        let facts = ScheduleFacts {
            concert: ConcertId::try_from(self.concert_id).map_err(|_| wrong("concert id is not positive"))?,
            layout: LayoutId::try_from(self.layout_id).map_err(|_| wrong("layout id is not positive"))?,
            starts_at: self.starts_at,
            sale_opens_at: self.sale_opens_at,
            sale_closes_at: self.sale_closes_at,
            currency: self.currency,
            prices: self.tiers.into_iter().flatten().zip(self.prices.into_iter().flatten()).collect(),
        };
        Ok(WholeSeats { facts, seats, clock: StoreClock { now_us: self.now_us, told_at }, asked_at })
    }
}
