use sqlx::PgConnection;
use time::OffsetDateTime;

use super::DemoPlan;
use crate::demo::DemoSchedule;

/// Writes the schedules with their prices, and has those that come later numbered behind them.
pub(super) async fn insert(connection: &mut PgConnection, plan: &DemoPlan) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO schedule
             (id, concert_id, layout_id, starts_at, sale_opens_at, sale_closes_at, currency)
         SELECT id, concert_id, layout_id, starts_at, sale_opens_at, sale_closes_at, 'EUR'
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[],
                     $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
             AS demo (id, concert_id, layout_id, starts_at, sale_opens_at, sale_closes_at)",
    )
    .bind(numbers(plan, |schedule| i64::from(schedule.id)))
    .bind(numbers(plan, |schedule| i64::from(schedule.concert)))
    .bind(numbers(plan, |schedule| i64::try_from(schedule.hall + 1).unwrap_or(0)))
    .bind(times(plan, |schedule| schedule.starts_at))
    .bind(times(plan, |schedule| schedule.sale_opens_at))
    .bind(times(plan, |schedule| schedule.sale_closes_at))
    .execute(&mut *connection)
    .await?;
    sqlx::query("SELECT setval(pg_get_serial_sequence('schedule', 'id'), max(id)) FROM schedule")
        .execute(&mut *connection)
        .await?;
    insert_tiers(connection, plan).await
}

async fn insert_tiers(connection: &mut PgConnection, plan: &DemoPlan) -> sqlx::Result<()> {
    for (layout, hall) in (1_i64..).zip(&plan.halls) {
        sqlx::query(
            "INSERT INTO schedule_tier (schedule_id, tier, price)
             SELECT demo.id, tier.name, demo.price * (6 - tier.nth) / 5
             FROM unnest($1::bigint[], $2::bigint[]) AS demo (id, price)
             JOIN schedule s ON s.id = demo.id AND s.layout_id = $3
             CROSS JOIN unnest($4::text[]) WITH ORDINALITY AS tier (name, nth)",
        )
        .bind(numbers(plan, |schedule| i64::from(schedule.id)))
        .bind(numbers(plan, |schedule| schedule.price))
        .bind(layout)
        .bind(&hall.tiers)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Moves the dates by so many days.
pub(super) async fn move_dates(
    connection: &mut PgConnection,
    plan: &DemoPlan,
    days: i32,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE schedule
         SET starts_at = starts_at + $2 * interval '24 hours',
             sale_opens_at = sale_opens_at + $2 * interval '24 hours',
             sale_closes_at = sale_closes_at + $2 * interval '24 hours',
             revision = revision + 1
         WHERE id = ANY ($1)",
    )
    .bind(numbers(plan, |schedule| i64::from(schedule.id)))
    .bind(days)
    .execute(connection)
    .await
    .map(|_| ())
}

fn numbers(plan: &DemoPlan, field: fn(&DemoSchedule) -> i64) -> Vec<i64> {
    plan.schedules.iter().map(field).collect()
}

fn times(plan: &DemoPlan, field: fn(&DemoSchedule) -> OffsetDateTime) -> Vec<OffsetDateTime> {
    plan.schedules.iter().map(field).collect()
}
