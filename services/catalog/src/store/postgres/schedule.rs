use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use super::{connect::PostgresStore, failure::Inconsistent, statement::Statement};
use crate::{
    domain::{Prices, Schedule, ScheduleId, ScheduleKey, ScheduleQuery},
    store::StoreError,
};

/// A concert's bookable schedules behind one: a walk along the index `schedule_by_time` that stops
/// when the page is full. A concert without any gives one row of nulls, no concert gives none.
///
/// OFFSET 0 is a fence: the walk keeps its order, and what is looked up for each schedule is looked
/// up once, and only until the page is full, whatever the planner thinks of the tables' sizes.
///
/// Parameters: concert, from, to, the start and the id of the schedule before the page, limit.
pub const BOOKABLE_SCHEDULES: &str = "
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t)
SELECT s.*
FROM clock
CROSS JOIN concert c
LEFT JOIN LATERAL (
    SELECT s.id, s.starts_at, s.sale_opens_at, s.sale_closes_at, s.currency,
           (SELECT l.seat_count FROM layout l WHERE l.id = s.layout_id) AS seat_count,
           f.free, p.lowest_price, p.highest_price
    FROM (
        SELECT *
        FROM schedule s
        WHERE s.concert_id = c.id
          AND s.starts_at > clock.t
          AND s.starts_at >= coalesce($2, '-infinity')
          AND s.starts_at < coalesce($3, 'infinity')
          AND (s.starts_at, s.id) > (coalesce($4, '-infinity'), coalesce($5, 0))
          AND s.sale_opens_at <= clock.t
          AND s.sale_closes_at > clock.t
        ORDER BY s.starts_at, s.id
        OFFSET 0) s
    CROSS JOIN LATERAL (SELECT f.free FROM schedule_figures(s.id, clock.t) f OFFSET 0) f
    CROSS JOIN LATERAL (
        SELECT min(t.price) AS lowest_price, max(t.price) AS highest_price
        FROM schedule_tier t WHERE t.schedule_id = s.id) p
    WHERE f.free > 0
    ORDER BY s.starts_at, s.id
    LIMIT $6) s ON true
WHERE c.id = $1
ORDER BY s.starts_at, s.id";

/// A concert's first bookable schedules behind one, by start, then id.
pub(super) async fn bookable(
    store: &PostgresStore,
    query: ScheduleQuery,
    after: Option<ScheduleKey>,
    limit: u32,
) -> Result<Option<Vec<Schedule>>, StoreError> {
    let (starts_at, id) = after.map(|key| (key.starts_at, key.id.stored())).unzip();
    let sql = sqlx::query_as::<_, ScheduleOrNone>(BOOKABLE_SCHEDULES)
        .bind(query.concert.stored())
        .bind(query.starts.from())
        .bind(query.starts.to())
        .bind(starts_at)
        .bind(id)
        .bind(i64::from(limit));
    let found = store.select(Statement { name: "list bookable schedules", table: "schedule" }, sql).await?;
    if found.rows.is_empty() {
        return Ok(None);
    }
    let schedules = found.rows.into_iter().filter_map(|row| row.0).map(ScheduleRow::into_schedule);
    schedules.collect::<Result<_, _>>().map(Some)
}

/// A row of a left join: no schedule where all is null.
struct ScheduleOrNone(Option<ScheduleRow>);

impl FromRow<'_, PgRow> for ScheduleOrNone {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let id: Option<i64> = row.try_get("id")?;
        id.map(|_| ScheduleRow::from_row(row)).transpose().map(Self)
    }
}

#[derive(FromRow)]
struct ScheduleRow {
    id: i64,
    starts_at: OffsetDateTime,
    sale_opens_at: OffsetDateTime,
    sale_closes_at: OffsetDateTime,
    currency: String,
    seat_count: i32,
    free: i64,
    lowest_price: Option<i64>,
    highest_price: Option<i64>,
}

impl ScheduleRow {
    fn into_schedule(self) -> Result<Schedule, StoreError> {
        let id = self.id;
        let inconsistent = |problem| Inconsistent { table: "schedule", id, problem };
        let (Some(lowest), Some(highest)) = (self.lowest_price, self.highest_price) else {
            return Err(inconsistent("no tier has a price").into());
        };
        Ok(Schedule {
            id: ScheduleId::try_from(id).map_err(|_| inconsistent("id is not positive"))?,
            starts_at: self.starts_at,
            sale_opens_at: self.sale_opens_at,
            sale_closes_at: self.sale_closes_at,
            total_seats: u32::try_from(self.seat_count).map_err(|_| inconsistent("negative seats"))?,
            available_seats: u32::try_from(self.free).map_err(|_| inconsistent("negative free seats"))?,
            prices: Prices { lowest, highest, currency: self.currency },
        })
    }
}
