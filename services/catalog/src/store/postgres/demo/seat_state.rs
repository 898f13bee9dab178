use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::DemoPlan;
use crate::demo::DemoState;

/// How many seats one statement writes, more or less.
const AT_ONCE: usize = 50_000;

/// Seats as columns.
#[derive(Default)]
struct Columns {
    schedule: Vec<i64>,
    seat_no: Vec<i32>,
    status: Vec<i16>,
    hold: Vec<Option<Uuid>>,
    until: Vec<Option<OffsetDateTime>>,
}

/// Writes a state for each seat of each schedule, and their blocks; tells how many seats.
pub(super) async fn insert(connection: &mut PgConnection, plan: &DemoPlan) -> sqlx::Result<u64> {
    let mut columns = Columns::default();
    let mut seats = 0;
    for schedule in &plan.schedules {
        columns.add(i64::from(schedule.id), &plan.states(schedule));
        if columns.seat_no.len() >= AT_ONCE {
            seats += std::mem::take(&mut columns).insert(connection).await?;
        }
    }
    seats += columns.insert(connection).await?;
    sqlx::query(
        "INSERT INTO block_version (schedule_id, block, free_seats, first_end)
         SELECT schedule_id, (seat_no - 1) / 512, count(*) FILTER (WHERE status = 0), min(held_until)
         FROM seat_state
         GROUP BY 1, 2",
    )
    .execute(connection)
    .await?;
    Ok(seats)
}

/// Moves the ends of the holds that last until their schedule begins, by so many days. Locks in
/// the order that everyone does: seats by number, then blocks.
pub(super) async fn move_ends(connection: &mut PgConnection, plan: &DemoPlan, days: i32) -> sqlx::Result<()> {
    let ids: Vec<i64> = plan.schedules.iter().map(|schedule| i64::from(schedule.id)).collect();
    sqlx::query(
        "WITH moved AS MATERIALIZED (
             SELECT s.schedule_id, s.seat_no
             FROM seat_state s
             JOIN schedule c ON c.id = s.schedule_id
             WHERE s.schedule_id = ANY ($1) AND s.status = 1 AND s.held_until = c.starts_at
             ORDER BY s.schedule_id, s.seat_no
             FOR UPDATE OF s)
         UPDATE seat_state s
         SET held_until = s.held_until + $2 * interval '24 hours'
         FROM moved
         WHERE s.schedule_id = moved.schedule_id AND s.seat_no = moved.seat_no",
    )
    .bind(&ids)
    .bind(days)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "WITH moved AS MATERIALIZED (
             SELECT schedule_id, block FROM block_version
             WHERE schedule_id = ANY ($1)
             ORDER BY schedule_id, block
             FOR UPDATE),
         ends AS (
             SELECT schedule_id, (seat_no - 1) / 512 AS block, min(held_until) AS first_end
             FROM seat_state
             WHERE schedule_id = ANY ($1) AND status = 1
             GROUP BY 1, 2)
         UPDATE block_version b
         SET version = b.version + 1, first_end = ends.first_end
         FROM moved LEFT JOIN ends USING (schedule_id, block)
         WHERE b.schedule_id = moved.schedule_id AND b.block = moved.block",
    )
    .bind(&ids)
    .execute(connection)
    .await
    .map(|_| ())
}

impl Columns {
    fn add(&mut self, schedule: i64, states: &[DemoState]) {
        for (seat_no, state) in (1..).zip(states) {
            let (kind, hold, until) = match *state {
                DemoState::Free => (0, None, None),
                DemoState::Held { hold, until } => (1, Some(hold), Some(until)),
                DemoState::Sold { hold } => (2, Some(hold), None),
                DemoState::Blocked => (3, None, None),
            };
            self.schedule.push(schedule);
            self.seat_no.push(seat_no);
            self.status.push(kind);
            self.hold.push(hold);
            self.until.push(until);
        }
    }

    async fn insert(self, connection: &mut PgConnection) -> sqlx::Result<u64> {
        sqlx::query(
            "INSERT INTO seat_state (schedule_id, seat_no, status, hold_id, held_until)
             SELECT * FROM unnest($1::bigint[], $2::integer[], $3::smallint[], $4::uuid[], $5::timestamptz[])",
        )
        .bind(self.schedule)
        .bind(self.seat_no)
        .bind(self.status)
        .bind(self.hold)
        .bind(self.until)
        .execute(connection)
        .await
        .map(|done| done.rows_affected())
    }
}
