//! The look now and then at what has to hold: what is broken is told by all copies, and one looks for all.

use std::time::Duration;

use onsale_catalog::{
    domain::Invariant,
    store::{
        InvariantStore as _, Looked,
        postgres::{ConnectOptions, PostgresStore},
    },
};
use sqlx::PgPool;

use crate::{
    fixture::{Times, concert, hall, on_sale, schedule},
    running::{PATIENCE, Running, database_url},
    selling::Seller,
};

const EACH_SECOND: [&str; 1] = ["--check-seconds=1"];
const OVERSOLD: &str = "onsale_catalog_broken_invariants{invariant=\"I5\"}";
const PERIOD: Duration = Duration::from_mins(1);

fn store(pool: &PgPool) -> PostgresStore {
    PostgresStore::new(&ConnectOptions::parse(&database_url(pool), 2, PATIENCE).unwrap())
}

/// Has the last look be as old as it takes for another.
async fn age_last_look(pool: &PgPool) {
    sqlx::query("UPDATE last_look SET looked_at = looked_at - interval '1 hour'")
        .execute(pool)
        .await
        .unwrap();
}

async fn look(store: &PostgresStore, pool: &PgPool) -> Looked {
    age_last_look(pool).await;
    store.look(PERIOD).await.unwrap()
}

/// Sells the seats of each sale once more, past everything that prevents it.
async fn oversell(pool: &PgPool) {
    for statement in [
        "DROP INDEX sale_seat_sold_once",
        "INSERT INTO sale SELECT gen_random_uuid(), gen_random_uuid(), schedule_id, sold_at, cancelled_at, 'user:eve', \
         'order-2', currency, seat_nos, prices FROM sale",
        "INSERT INTO sale_seat SELECT a.id, x.schedule_id, x.cancelled_at, x.seat_no \
         FROM sale a CROSS JOIN sale_seat x WHERE a.order_ref = 'order-2'",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
}

/// Sells a seat, in a sale of its own.
async fn sell(pool: &PgPool, ours: (i64, i64), seat: u32) {
    let catalog = Running::start_with(&database_url(pool), &["--upkeep=false"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[seat]).await;
    seller.confirm("ada", &hold, "order-1").await.unwrap();
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_seat_sold_twice_is_told_by_all_copies_until_it_is_put_right(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let copies = [
        Running::start_with(&database_url(&pool), &EACH_SECOND).await,
        Running::start_with(&database_url(&pool), &EACH_SECOND).await,
    ];
    sell(&pool, ours, 7).await;
    for copy in &copies {
        copy.until_metric(OVERSOLD, |broken| broken == 0.0).await;
        assert_eq!(copy.metric("onsale_catalog_broken_invariants{invariant=\"I6\"}").await, Some(0.0));
    }
    oversell(&pool).await;
    for copy in &copies {
        copy.until_metric(OVERSOLD, |broken| broken >= 1.0).await;
    }
    let mut looks = 0.0;
    for copy in &copies {
        let series = "onsale_catalog_invariant_checks_total{outcome=\"broken\"}";
        looks += copy.metric(series).await.unwrap();
    }
    assert!(looks >= 1.0, "{looks}");

    sqlx::query("DELETE FROM sale_seat x USING sale a WHERE a.id = x.sale_id AND a.order_ref = 'order-2'")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("DELETE FROM sale WHERE order_ref = 'order-2'").execute(&pool).await.unwrap();
    for copy in copies {
        copy.until_metric(OVERSOLD, |broken| broken == 0.0).await;
        copy.stop().await.unwrap();
    }
}

#[sqlx::test]
async fn one_copy_looks_for_all(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    sell(&pool, ours, 1).await;
    let (one, other) = (store(&pool), store(&pool));
    let first = one.look(PERIOD).await.unwrap();
    assert_eq!(first.findings.map(|findings| findings.len()), Some(4));
    assert_eq!(first.broken, Invariant::ALL.map(|invariant| (invariant, 0)).into());

    oversell(&pool).await;
    let soon = other.look(PERIOD).await.unwrap();
    assert_eq!((soon.findings, soon.broken), (None, first.broken), "the first look is young");

    let mut busy = pool.acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(28548142216504426)").execute(&mut *busy).await.unwrap();
    let meanwhile = look(&other, &pool).await;
    assert_eq!(meanwhile.findings, None, "somebody looks just now");
    sqlx::query("SELECT pg_advisory_unlock(28548142216504426)").execute(&mut *busy).await.unwrap();

    let later = other.look(PERIOD).await.unwrap();
    assert!(later.findings.is_some() && later.broken[&Invariant::I5] >= 1, "{later:?}");
    assert_eq!(one.look(PERIOD).await.unwrap(), Looked { findings: None, broken: later.broken });
}

#[sqlx::test]
async fn only_what_is_on_sale_is_looked_at_and_only_what_happened_of_late(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let layout = hall(&pool, &[("S", 10)]).await;
    let over = Times { starts: -7200.0, opens: -9000.0, closes: -7300.0 };
    let past = schedule(&pool, concert(&pool, "past").await, layout, over).await;
    sell(&pool, ours, 1).await;
    let store = store(&pool);
    for (what, broken) in [
        // Blocks of the past schedule, and of the one that is on sale.
        (format!("UPDATE block_version SET free_seats = free_seats - 1 WHERE schedule_id = {past}"), 0),
        (format!("UPDATE block_version SET free_seats = free_seats - 1 WHERE schedule_id = {}", ours.1), 1),
        // An event that says something else of the seat than is kept.
        ("UPDATE seat_event SET status = 3, hold_id = NULL WHERE cause = 4".to_owned(), 2),
        ("UPDATE seat_event SET at = at - interval '1 hour'".to_owned(), 1),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(what.clone())).execute(&pool).await.unwrap();
        assert_eq!(look(&store, &pool).await.broken[&Invariant::I7], broken, "{what}");
    }
}

#[sqlx::test]
async fn a_look_that_the_store_does_not_answer_has_failed(pool: PgPool) {
    let catalog = Running::start_with(&database_url(&pool), &EACH_SECOND).await;
    catalog
        .until_metric("onsale_catalog_invariant_checks_total{outcome=\"whole\"}", |looks| looks >= 1.0)
        .await;
    sqlx::query("ALTER TABLE sale RENAME TO gone").execute(&pool).await.unwrap();
    catalog
        .until_metric("onsale_catalog_invariant_checks_total{outcome=\"failed\"}", |looks| looks >= 1.0)
        .await;
    assert_eq!(catalog.metric(OVERSOLD).await, Some(0.0), "what was known is kept");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn who_wants_no_looks_has_none(pool: PgPool) {
    let catalog = Running::start_with(&database_url(&pool), &["--check-seconds=0"]).await;
    let never = "SELECT count(*) FROM last_look";
    catalog.until_metric("onsale_catalog_sweep_lag_seconds", |lag| lag == 0.0).await;
    assert_eq!(sqlx::query_scalar::<_, i64>(never).fetch_one(&pool).await.unwrap(), 0);
    assert_eq!(catalog.metric(OVERSOLD).await, None);
    catalog.stop().await.unwrap();
}
