use sqlx::PgConnection;

use super::DemoPlan;

/// Whether there is any concert.
pub(super) async fn any(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM concert)").fetch_one(connection).await
}

/// Writes the concerts, and has those that come later numbered behind them.
pub(super) async fn insert(connection: &mut PgConnection, plan: &DemoPlan) -> sqlx::Result<()> {
    let column = |field: fn(&crate::demo::DemoConcert) -> &str| {
        plan.concerts.iter().map(|concert| field(concert).to_owned()).collect::<Vec<_>>()
    };
    sqlx::query(
        "INSERT INTO concert (id, name, performer, venue)
         SELECT number, name, performer, venue
         FROM unnest($1::text[], $2::text[], $3::text[])
             WITH ORDINALITY AS demo (name, performer, venue, number)",
    )
    .bind(column(|concert| concert.name))
    .bind(column(|concert| concert.performer))
    .bind(column(|concert| concert.venue))
    .execute(&mut *connection)
    .await?;
    sqlx::query("SELECT setval(pg_get_serial_sequence('concert', 'id'), max(id)) FROM concert")
        .execute(connection)
        .await
        .map(|_| ())
}
