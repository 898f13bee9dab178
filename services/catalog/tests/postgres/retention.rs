//! What is kept only for a time.

use std::time::Duration;

use onsale_catalog::{
    retention::Retention,
    store::{
        Forgettable, UpkeepStore as _,
        postgres::{ConnectOptions, PostgresStore},
    },
};
use sqlx::{AssertSqlSafe, PgPool};

use crate::running::{PATIENCE, database_url};

const DAY: Duration = Duration::from_hours(24);

const KEPT: Retention =
    Retention { events: DAY.saturating_mul(30), holds: DAY.saturating_mul(30), answers: DAY };

fn store(pool: &PgPool) -> PostgresStore {
    PostgresStore::new(&ConnectOptions::parse(&database_url(pool), 2, PATIENCE).unwrap())
}

/// Events, of which each is a minute older than the one behind it: the newest is of now.
async fn events(pool: &PgPool, count: i64) {
    sqlx::query(
        "INSERT INTO seat_event (schedule_id, version, at, block, seat_no, status, cause)
         SELECT 1, n, now() - ($1 - n) * interval '1 min', 0, 1, 0, 6 FROM generate_series(1, $1) n",
    )
    .bind(count)
    .execute(pool)
    .await
    .unwrap();
}

async fn hold(pool: &PgPool, state: i16, days: f64) {
    sqlx::query(
        "INSERT INTO hold (id, schedule_id, held_at, ends_at, latest_end_at, state, buyer, currency, seat_nos, prices)
         VALUES (gen_random_uuid(), 1, now() - $2 * interval '1 day', now() - $2 * interval '1 day', now(), $1,
                 'user:ada', 'EUR', '{1}', '{100}')",
    )
    .bind(state)
    .bind(days)
    .execute(pool)
    .await
    .unwrap();
}

async fn answer(pool: &PgPool, key: &str, hours: f64) {
    sqlx::query(
        "INSERT INTO idempotency (buyer, key, answered_at, request, answer)
         VALUES ('user:ada', $1, now() - $2 * interval '1 hour', '', '{}')",
    )
    .bind(key)
    .bind(hours)
    .execute(pool)
    .await
    .unwrap();
}

async fn count(pool: &PgPool, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

#[sqlx::test]
async fn what_is_old_is_forgotten_and_nothing_else(pool: PgPool) {
    // 43,200 minutes are 30 days.
    events(&pool, 48_000).await;
    for state in 0..=4 {
        hold(&pool, state, 31.0).await;
        hold(&pool, state, 29.0).await;
    }
    answer(&pool, "old", 24.1).await;
    answer(&pool, "young", 23.9).await;
    KEPT.forget(&store(&pool)).await.unwrap();

    let left = count(&pool, "seat_event").await;
    assert!((43_198..=43_201).contains(&left), "{left}");
    // Of old holds those that are sold stay, and those that nobody has noticed the end of.
    let old = "SELECT array_agg(state ORDER BY state) FROM hold WHERE held_at < now() - interval '30 days'";
    assert_eq!(sqlx::query_scalar::<_, Vec<i16>>(old).fetch_one(&pool).await.unwrap(), [0, 1, 2]);
    assert_eq!(count(&pool, "hold").await, 8);
    let keys: Vec<String> = sqlx::query_scalar("SELECT key FROM idempotency").fetch_all(&pool).await.unwrap();
    assert_eq!(keys, ["young"]);
}

#[sqlx::test]
async fn one_copy_forgets_at_a_time_and_not_more_than_it_may(pool: PgPool) {
    events(&pool, 50_000).await;
    let store = store(&pool);
    let mut other = pool.begin().await.unwrap();
    let taken: bool = sqlx::query_scalar("SELECT forgetting_is_ours()").fetch_one(&mut *other).await.unwrap();
    assert!(taken);
    let forget = || store.forget(Forgettable::Events, KEPT.events, 100);
    assert_eq!(forget().await.unwrap(), None);
    assert_eq!(count(&pool, "seat_event").await, 50_000);
    other.rollback().await.unwrap();
    assert_eq!(forget().await.unwrap(), Some(100));
    assert_eq!(count(&pool, "seat_event").await, 49_900);
}

#[sqlx::test]
async fn forgetting_reads_where_the_old_rows_lie(pool: PgPool) {
    events(&pool, 200_000).await;
    // Of 200,000 minutes 1,000 are older than this.
    let older_than = Duration::from_mins(199_000);
    sqlx::query("VACUUM ANALYZE seat_event").execute(&pool).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    sqlx::query("SET enable_bitmapscan = off").execute(&mut *connection).await.unwrap();
    let forgotten: i32 = sqlx::query_scalar("SELECT forget_events($1 * interval '1 s', 2000)")
        .bind(older_than.as_secs_f64())
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert!((990..=1_001).contains(&forgotten), "{forgotten}");
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(&mut *connection).await.unwrap();
    let scans = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'seat_event_by_time'";
    let scans: i64 = sqlx::query_scalar(scans).fetch_one(&mut *connection).await.unwrap();
    assert_eq!(scans, 1);
    let setting: String =
        sqlx::query_scalar("SHOW enable_bitmapscan").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(setting, "off");
}
