use sqlx::PgConnection;

use super::{Change, Refused};
use crate::house::HouseSchedule;

/// A schedule as it is there already.
#[derive(sqlx::FromRow)]
struct Found {
    id: i64,
    layout_id: i64,
    same: bool,
}

/// Adds a schedule with all its seats free, or gives one that is there its times, prices and limit.
/// Seats are not touched then, whoever has them.
pub(super) async fn bring(
    connection: &mut PgConnection,
    concert: i64,
    layout: i64,
    schedule: &HouseSchedule,
) -> Result<Change, Refused> {
    match find(connection, concert, schedule).await? {
        None => {
            insert(connection, concert, layout, schedule).await?;
            Ok(Change::Added)
        }
        Some(found) if found.layout_id != layout => {
            Err(Refused::Misfit("the schedule is in another hall already, and its seats are made for that"))
        }
        Some(found) if found.same => Ok(Change::Same),
        Some(found) => {
            update(connection, found.id, schedule).await?;
            Ok(Change::Changed)
        }
    }
}

async fn find(
    connection: &mut PgConnection,
    concert: i64,
    schedule: &HouseSchedule,
) -> sqlx::Result<Option<Found>> {
    let (tiers, prices) = columns(schedule);
    sqlx::query_as(
        "SELECT s.id, s.layout_id,
                (s.starts_at, s.sale_opens_at, s.sale_closes_at, s.currency) = ($3, $4, $5, $6)
                AND s.seats_per_user IS NOT DISTINCT FROM $7
                AND NOT EXISTS (
                    SELECT
                    FROM (SELECT * FROM schedule_tier WHERE schedule_id = s.id) t
                    FULL JOIN unnest($8::text[], $9::bigint[]) AS file (tier, price) USING (tier)
                    WHERE t.price IS DISTINCT FROM file.price) AS same
         FROM schedule s
         WHERE s.concert_id = $1 AND s.key = $2
         FOR UPDATE OF s",
    )
    .bind(concert)
    .bind(&schedule.key)
    .bind(schedule.starts_at)
    .bind(schedule.sale_opens_at)
    .bind(schedule.sale_closes_at)
    .bind(&schedule.currency)
    .bind(schedule.seats_per_user)
    .bind(tiers)
    .bind(prices)
    .fetch_optional(connection)
    .await
}

async fn insert(
    connection: &mut PgConnection,
    concert: i64,
    layout: i64,
    schedule: &HouseSchedule,
) -> sqlx::Result<()> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO schedule
             (concert_id, layout_id, key, starts_at, sale_opens_at, sale_closes_at, currency, seats_per_user)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         RETURNING id",
    )
    .bind(concert)
    .bind(layout)
    .bind(&schedule.key)
    .bind(schedule.starts_at)
    .bind(schedule.sale_opens_at)
    .bind(schedule.sale_closes_at)
    .bind(&schedule.currency)
    .bind(schedule.seats_per_user)
    .fetch_one(&mut *connection)
    .await?;
    price(connection, id, schedule).await?;
    for statement in [
        "INSERT INTO seat_state (schedule_id, seat_no)
         SELECT s.id, p.seat_no FROM schedule s JOIN layout_seat p USING (layout_id) WHERE s.id = $1",
        "INSERT INTO block_version (schedule_id, block, free_seats)
         SELECT schedule_id, (seat_no - 1) / 512, count(*) FROM seat_state WHERE schedule_id = $1 GROUP BY 1, 2",
    ] {
        sqlx::query(statement).bind(id).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn update(connection: &mut PgConnection, id: i64, schedule: &HouseSchedule) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE schedule
         SET starts_at = $2, sale_opens_at = $3, sale_closes_at = $4, currency = $5, seats_per_user = $6,
             revision = revision + 1
         WHERE id = $1",
    )
    .bind(id)
    .bind(schedule.starts_at)
    .bind(schedule.sale_opens_at)
    .bind(schedule.sale_closes_at)
    .bind(&schedule.currency)
    .bind(schedule.seats_per_user)
    .execute(&mut *connection)
    .await?;
    price(connection, id, schedule).await
}

/// Sets the prices of all tiers. A hall never changes, so none is left over.
async fn price(connection: &mut PgConnection, id: i64, schedule: &HouseSchedule) -> sqlx::Result<()> {
    let (tiers, prices) = columns(schedule);
    sqlx::query(
        "INSERT INTO schedule_tier (schedule_id, tier, price)
         SELECT $1, tier, price FROM unnest($2::text[], $3::bigint[]) AS file (tier, price)
         ON CONFLICT (schedule_id, tier) DO UPDATE SET price = excluded.price",
    )
    .bind(id)
    .bind(tiers)
    .bind(prices)
    .execute(connection)
    .await
    .map(|_| ())
}

fn columns(schedule: &HouseSchedule) -> (Vec<&str>, Vec<i64>) {
    schedule.prices.iter().map(|(tier, price)| (tier.as_str(), *price)).unzip()
}
