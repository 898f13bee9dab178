use sqlx::PgConnection;
use time::Date;

/// Names the advisory lock: "demo" in ASCII.
const TURN: i64 = 0x6465_6d6f;

/// Waits until no other program loads the demo; for the rest of the transaction none will.
pub(super) async fn take_turn(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(TURN).execute(connection).await.map(|_| ())
}

/// The day that the demo's dates are counted from; none where the demo is not loaded.
pub(super) async fn day(connection: &mut PgConnection) -> sqlx::Result<Option<Date>> {
    sqlx::query_scalar("SELECT day FROM demo").fetch_optional(connection).await
}

/// Says what day it is.
pub(super) async fn set(connection: &mut PgConnection, day: Date) -> sqlx::Result<()> {
    let sql = "INSERT INTO demo (day) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET day = excluded.day";
    sqlx::query(sql).bind(day).execute(connection).await.map(|_| ())
}
