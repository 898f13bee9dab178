use sqlx::PgConnection;

use super::Change;
use crate::house::HouseConcert;

/// Adds a concert, or gives one that is there its names.
pub(super) async fn bring(
    connection: &mut PgConnection,
    concert: &HouseConcert,
) -> sqlx::Result<(i64, Change)> {
    let found: Option<(i64, bool)> = sqlx::query_as(
        "SELECT id, (name, performer, venue) = ($2, $3, $4) FROM concert WHERE key = $1 FOR UPDATE",
    )
    .bind(&concert.key)
    .bind(&concert.name)
    .bind(&concert.performer)
    .bind(&concert.venue)
    .fetch_optional(&mut *connection)
    .await?;
    let (statement, change) = match found {
        Some((id, true)) => return Ok((id, Change::Same)),
        Some((_, false)) => (
            "UPDATE concert SET name = $2, performer = $3, venue = $4 WHERE key = $1 RETURNING id",
            Change::Changed,
        ),
        None => (
            "INSERT INTO concert (key, name, performer, venue) VALUES ($1, $2, $3, $4) RETURNING id",
            Change::Added,
        ),
    };
    let id = sqlx::query_scalar(statement)
        .bind(&concert.key)
        .bind(&concert.name)
        .bind(&concert.performer)
        .bind(&concert.venue)
        .fetch_one(connection)
        .await?;
    Ok((id, change))
}
