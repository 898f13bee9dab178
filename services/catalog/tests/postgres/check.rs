//! What a check finds of a catalog, well and broken.

use std::time::Duration;

use onsale_catalog::store::postgres::{ConnectOptions, PostgresStore};
use sqlx::PgPool;

use crate::{
    fixture::on_sale,
    running::{Running, database_url},
    selling::Seller,
};

/// The invariants that are found broken; each once for each check.
async fn broken(pool: &PgPool) -> Vec<&'static str> {
    let options = ConnectOptions::parse(&database_url(pool), 2, Duration::from_secs(20)).unwrap();
    let findings = PostgresStore::new(&options).check().await.unwrap();
    findings
        .iter()
        .filter(|finding| !finding.broken.is_empty())
        .map(|finding| finding.invariant.name())
        .collect()
}

/// A schedule on which everything has happened that can: seats 1 and 2 are held, 3 is sold, 4 was sold, 5 was given back,
/// 6 changed hands when its hold had ended.
async fn lived_in(pool: &PgPool) -> i64 {
    let ours = on_sale(pool, 600).await;
    let catalog = Running::start_with(&database_url(pool), &["--hold-seconds", "2"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let brief = seller.hold("eve", &[6]).await;
    catalog.stop().await.unwrap();
    // A sweep between the end and who takes the seat would leave nothing to change hands.
    let catalog = Running::start_with(&database_url(pool), &["--upkeep=false"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let held = seller.hold("ada", &[1, 2]).await;
    seller.extend("ada", &held).await.unwrap();
    let paid = seller.hold("bob", &[3]).await;
    seller.check_out("bob", &paid).await.unwrap();
    seller.confirm("bob", &paid, "order-1").await.unwrap();
    let returned = seller.hold("cid", &[4, 513]).await;
    let sale = seller.confirm("cid", &returned, "order-2").await.unwrap().sale.unwrap();
    seller.cancel("cid", &sale.sale_id).await.unwrap();
    let released = seller.hold("dan", &[5]).await;
    seller.release("dan", &released).await.unwrap();
    until_free(pool, ours.1, &brief.hold_id).await;
    seller.hold("ada", &[6]).await;
    catalog.stop().await.unwrap();
    ours.1
}

async fn until_free(pool: &PgPool, schedule: i64, hold: &str) {
    let sql = "SELECT bool_and(seat_is_free(status, held_until, clock_timestamp())) FROM seat_state
               WHERE schedule_id = $1 AND hold_id = $2::uuid";
    while !sqlx::query_scalar::<_, bool>(sql).bind(schedule).bind(hold).fetch_one(pool).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[sqlx::test]
async fn a_schedule_that_was_lived_in_is_found_well(pool: PgPool) {
    lived_in(&pool).await;
    assert_eq!(broken(&pool).await, [] as [&str; 0]);
}

#[sqlx::test]
async fn each_break_is_found(pool: PgPool) {
    lived_in(&pool).await;
    for (what, invariants) in [
        ("UPDATE seat_state SET status = 2, held_until = NULL WHERE seat_no = 1", &["I5", "I7"][..]),
        ("UPDATE seat_state SET held_until = held_until + interval '1 s' WHERE seat_no = 1", &["I7"]),
        (
            "INSERT INTO hold SELECT gen_random_uuid(), schedule_id, held_at, ends_at, latest_end_at, state, buyer, \
             currency, seat_nos, prices FROM hold WHERE seat_nos = '{1,2}'",
            &["I5"],
        ),
        ("UPDATE hold SET state = 0, ends_at = now() + interval '1 hour' WHERE seat_nos = '{3}'", &["I5"]),
        ("UPDATE sale SET cancelled_at = NULL WHERE cancelled_at IS NOT NULL", &["I5"]),
        // A payment after the end, and a take-over before it.
        ("UPDATE seat_event SET at = at + interval '1 day' WHERE cause = 4 AND seat_no = 3", &["I6"]),
        ("UPDATE sale SET sold_at = sold_at + interval '1 day' WHERE cancelled_at IS NULL", &["I6"]),
        ("UPDATE seat_event SET at = at - interval '10 s' WHERE ended_hold_id IS NOT NULL", &["I5", "I6"]),
        // The seat of one is sold to another.
        ("UPDATE seat_event SET hold_id = gen_random_uuid() WHERE cause = 3 AND seat_no = 3", &["I5"]),
        ("UPDATE seat_event SET cause = 1 WHERE cause = 7 AND seat_no = 4", &["I5"]),
        ("DELETE FROM seat_event WHERE cause = 4 AND seat_no = 4", &["I5"]),
        (
            "UPDATE block_version SET free_seats = free_seats + 1 WHERE block = 1 AND free_seats < 512",
            &["I7"],
        ),
        ("UPDATE block_version SET first_end = first_end + interval '1 day' WHERE block = 0", &["I7"]),
    ] {
        let (before, mut planted) = (snapshot(&pool).await, pool.begin().await.unwrap());
        sqlx::query(what).execute(&mut *planted).await.unwrap();
        planted.commit().await.unwrap();
        let mut found = broken(&pool).await;
        found.dedup();
        assert_eq!(found, invariants, "{what}");
        put_back(&pool, &before).await;
    }
    assert_eq!(broken(&pool).await, [] as [&str; 0]);
}

const TABLES: [&str; 5] = ["seat_state", "block_version", "seat_event", "hold", "sale"];

/// Every row of the tables, as JSON.
async fn snapshot(pool: &PgPool) -> Vec<serde_json::Value> {
    let mut rows = Vec::new();
    for table in TABLES {
        let sql = format!("SELECT coalesce(jsonb_agg(t), '[]')::text FROM {table} t");
        let text: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
        rows.push(serde_json::from_str(&text).unwrap());
    }
    rows
}

async fn put_back(pool: &PgPool, rows: &[serde_json::Value]) {
    sqlx::query("ALTER TABLE sale_seat DROP CONSTRAINT IF EXISTS sale_seat_sale_id_fkey")
        .execute(pool)
        .await
        .unwrap();
    for (table, rows) in TABLES.iter().zip(rows) {
        let clear = format!("DELETE FROM {table}");
        sqlx::query(sqlx::AssertSqlSafe(clear)).execute(pool).await.unwrap();
        let fill = format!(
            "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1::text::jsonb)"
        );
        sqlx::query(sqlx::AssertSqlSafe(fill)).bind(rows.to_string()).execute(pool).await.unwrap();
    }
}
