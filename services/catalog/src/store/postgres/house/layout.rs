use std::collections::BTreeSet;

use sqlx::{PgConnection, Postgres, postgres::PgArguments, query::Query};

use super::{Change, Refused};
use crate::house::{Hall, HallSeat};

/// Adds a hall. One that is there has to be the same: what was read of a layout may be kept for good.
pub(super) async fn bring(connection: &mut PgConnection, hall: &Hall) -> Result<(i64, Change), Refused> {
    let found: Option<(i64, String)> = sqlx::query_as("SELECT id, name FROM layout WHERE key = $1")
        .bind(&hall.key)
        .fetch_optional(&mut *connection)
        .await?;
    let Some((id, name)) = found else { return Ok((insert(connection, hall).await?, Change::Added)) };
    if name == hall.name && stored(connection, id).await? == hall.seats {
        Ok((id, Change::Same))
    } else {
        Err(Refused::Misfit("a hall of this key is there already, and is another one; a hall never changes"))
    }
}

async fn stored(connection: &mut PgConnection, id: i64) -> sqlx::Result<Vec<HallSeat>> {
    let rows: Vec<(String, String, i16, i16, String, String, bool)> = sqlx::query_as(
        "SELECT section, row_label, row_rank, position, label, tier, accessible
         FROM layout_seat
         WHERE layout_id = $1
         ORDER BY seat_no",
    )
    .bind(id)
    .fetch_all(connection)
    .await?;
    let seat = |(section, row, rank, position, label, tier, accessible)| HallSeat {
        section,
        row,
        rank,
        position,
        label,
        tier,
        accessible,
    };
    Ok(rows.into_iter().map(seat).collect())
}

async fn insert(connection: &mut PgConnection, hall: &Hall) -> sqlx::Result<i64> {
    let sql = "INSERT INTO layout (key, name, seat_count) VALUES ($1, $2, $3) RETURNING id";
    let id: i64 = sqlx::query_scalar(sql)
        .bind(&hall.key)
        .bind(&hall.name)
        .bind(i32::try_from(hall.seats.len()).unwrap_or(i32::MAX))
        .fetch_one(&mut *connection)
        .await?;
    let sections: BTreeSet<&str> = hall.seats.iter().map(|seat| seat.section.as_str()).collect();
    sqlx::query("INSERT INTO layout_section (layout_id, section) SELECT $1, unnest($2::text[])")
        .bind(id)
        .bind(sections.into_iter().collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    seats(id, hall).execute(connection).await?;
    Ok(id)
}

fn seats(id: i64, hall: &Hall) -> Query<'_, Postgres, PgArguments> {
    let texts = |field: fn(&HallSeat) -> &str| hall.seats.iter().map(field).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO layout_seat
             (layout_id, seat_no, section, row_label, row_rank, position, label, tier, accessible)
         SELECT $1, number, section, row_label, row_rank, position, label, tier, accessible
         FROM unnest($2::text[], $3::text[], $4::smallint[], $5::smallint[], $6::text[], $7::text[], $8::boolean[])
             WITH ORDINALITY AS seat (section, row_label, row_rank, position, label, tier, accessible, number)",
    )
    .bind(id)
    .bind(texts(|seat| &seat.section))
    .bind(texts(|seat| &seat.row))
    .bind(hall.seats.iter().map(|seat| seat.rank).collect::<Vec<_>>())
    .bind(hall.seats.iter().map(|seat| seat.position).collect::<Vec<_>>())
    .bind(texts(|seat| &seat.label))
    .bind(texts(|seat| &seat.tier))
    .bind(hall.seats.iter().map(|seat| seat.accessible).collect::<Vec<_>>())
}
