use sqlx::PgConnection;

use super::DemoPlan;
use crate::demo::{DemoHall, DemoSeat};

/// Writes the halls, and has those that come later numbered behind them.
pub(super) async fn insert(connection: &mut PgConnection, plan: &DemoPlan) -> sqlx::Result<()> {
    for (id, hall) in (1_i64..).zip(&plan.halls) {
        sqlx::query("INSERT INTO layout (id, name, seat_count) VALUES ($1, $2, cardinality($3::text[]))")
            .bind(id)
            .bind(hall.name)
            .bind(texts(hall, |seat| seat.label.clone()))
            .execute(&mut *connection)
            .await?;
        sqlx::query("INSERT INTO layout_section (layout_id, section) SELECT $1, unnest($2::text[])")
            .bind(id)
            .bind(&hall.sections)
            .execute(&mut *connection)
            .await?;
        insert_seats(connection, id, hall).await?;
    }
    sqlx::query("SELECT setval(pg_get_serial_sequence('layout', 'id'), max(id)) FROM layout")
        .execute(connection)
        .await
        .map(|_| ())
}

async fn insert_seats(connection: &mut PgConnection, id: i64, hall: &DemoHall) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO layout_seat
             (layout_id, seat_no, section, row_label, row_rank, position, label, tier, accessible)
         SELECT $1, number, section, row_label, row_rank, position, label, tier, accessible
         FROM unnest($2::text[], $3::text[], $4::smallint[], $5::smallint[], $6::text[], $7::text[], $8::boolean[])
             WITH ORDINALITY AS demo (section, row_label, row_rank, position, label, tier, accessible, number)",
    )
    .bind(id)
    .bind(texts(hall, |seat| seat.section.to_owned()))
    .bind(texts(hall, |seat| seat.row.to_string()))
    .bind(hall.seats.iter().map(|seat| i16::from(seat.rank)).collect::<Vec<_>>())
    .bind(hall.seats.iter().map(|seat| seat.position).collect::<Vec<_>>())
    .bind(texts(hall, |seat| seat.label.clone()))
    .bind(texts(hall, |seat| seat.tier.to_owned()))
    .bind(hall.seats.iter().map(|seat| seat.accessible).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(|_| ())
}

fn texts(hall: &DemoHall, field: fn(&DemoSeat) -> String) -> Vec<String> {
    hall.seats.iter().map(field).collect()
}
