//! The sweeper: what it writes, and that nothing depends on it.

use std::{collections::HashSet, time::Duration};

use onsale_catalog::store::{
    UpkeepStore as _,
    postgres::{ConnectOptions, PostgresStore},
};
use onsale_proto::catalog::v1::{Hold, HoldState};
use sqlx::PgPool;

use crate::{
    demo::assert_blocks_agree,
    fixture::{Change, change, on_sale},
    running::{PATIENCE, Running, database_url},
    selling::{Seller, statuses},
};

const HOLDS_OF_A_SECOND: [&str; 3] = ["--upkeep=false", "--hold-seconds=1", "--hold-cap-seconds=1"];

fn store(pool: &PgPool) -> PostgresStore {
    PostgresStore::new(&ConnectOptions::parse(&database_url(pool), 4, PATIENCE).unwrap())
}

/// Waits until the store says that a hold has ended.
async fn until_ended(seller: &Seller, name: &str, hold: &Hold) {
    let ended = async {
        while seller.get(name, hold).await.unwrap().state() != HoldState::Ended {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("an end in time");
}

/// Holds a seat each for many buyers, for so many milliseconds.
async fn hold_each(pool: &PgPool, (concert, schedule): (i64, i64), seats: i32, hold_ms: i64) {
    sqlx::query(
        "SELECT hold_seats('user:' || n, NULL, NULL, gen_random_uuid(), $1, $2, ARRAY[n], $4, $4, true)
         FROM generate_series(1, $3) n",
    )
    .bind(concert)
    .bind(schedule)
    .bind(seats)
    .bind(hold_ms)
    .execute(pool)
    .await
    .unwrap();
}

async fn events(pool: &PgPool) -> Vec<(i32, bool)> {
    let sql =
        "SELECT seat_no, ended_hold_id IS NOT NULL FROM seat_event WHERE cause = 5 AND status = 0 ORDER BY 1";
    sqlx::query_as(sql).fetch_all(pool).await.unwrap()
}

#[sqlx::test]
async fn ended_holds_are_noted_and_their_seats_set_free_that_nobody_took(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start_with(&database_url(&pool), &HOLDS_OF_A_SECOND).await;
    let long = Running::start_with(&database_url(&pool), &["--upkeep=false"]).await;
    let (seller, slow) = (Seller::new(&catalog, ours).await, Seller::new(&long, ours).await);
    let (ada, eve) = (seller.hold("ada", &[1, 2]).await, seller.hold("eve", &[3, 513]).await);
    let live = slow.hold("max", &[4]).await;
    until_ended(&seller, "ada", &ada).await;
    until_ended(&seller, "eve", &eve).await;
    // Without a sweeper the seats are free already.
    slow.hold("bob", &[1]).await;

    let store = store(&pool);
    assert_eq!(store.end_holds(100).await.unwrap(), 2);
    assert_eq!(store.end_holds(100).await.unwrap(), 0);
    let seats = statuses(&pool, ours.1).await;
    assert_eq!((&seats[..4], seats[512]), (&[1, 0, 0, 1][..], 0));
    assert_eq!(events(&pool).await, [(2, true), (3, true), (513, true)]);
    assert_blocks_agree(&pool).await;
    assert_eq!(seller.get("ada", &ada).await.unwrap().state(), HoldState::Ended);
    assert_eq!(slow.get("max", &live).await.unwrap().state(), HoldState::Held);
    for catalog in [catalog, long] {
        catalog.stop().await.unwrap();
    }
}

#[sqlx::test]
async fn several_sweepers_share_the_work(pool: PgPool) {
    let schedules = [on_sale(&pool, 700).await, on_sale(&pool, 300).await];
    for ours in schedules {
        hold_each(&pool, ours, 300, 1).await;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    let store = store(&pool);
    let sweep = || async {
        let mut swept = 0;
        loop {
            match store.end_holds(40).await.unwrap() {
                0 => return swept,
                some => swept += some,
            }
        }
    };
    let (one, two, three) = tokio::join!(sweep(), sweep(), sweep());
    // One that found the others busy with all that there was may have gone before them.
    let rest = sweep().await;
    assert_eq!(one + two + three + rest, 600, "{one} {two} {three} {rest}");
    let noted = events(&pool).await;
    assert_eq!(noted.len(), 600);
    assert_eq!(noted.into_iter().map(|(seat, _)| seat).collect::<HashSet<_>>().len(), 300);
    assert_blocks_agree(&pool).await;
    let deadlocks: i64 =
        sqlx::query_scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(deadlocks, 0);
}

#[sqlx::test]
async fn a_hold_that_somebody_is_busy_with_is_passed_by(pool: PgPool) {
    let ours = on_sale(&pool, 2).await;
    hold_each(&pool, ours, 2, 1).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let mut busy = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM hold WHERE buyer = 'user:1' FOR UPDATE").execute(&mut *busy).await.unwrap();
    let store = store(&pool);
    assert_eq!(store.end_holds(100).await.unwrap(), 1);
    assert_eq!(store.end_holds(100).await.unwrap(), 0);
    busy.rollback().await.unwrap();
    assert_eq!(store.end_holds(100).await.unwrap(), 1);
}

#[sqlx::test]
async fn a_running_catalog_sweeps(pool: PgPool) {
    let ours = on_sale(&pool, 3).await;
    let arguments = ["--hold-seconds=1", "--hold-cap-seconds=1"];
    let catalog = Running::start_with(&database_url(&pool), &arguments).await;
    let seller = Seller::new(&catalog, ours).await;
    seller.hold("ada", &[2]).await;
    let noted = async {
        while events(&pool).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, noted).await.expect("an event in time");
    assert_eq!(events(&pool).await, [(2, true)]);
    assert_eq!(statuses(&pool, ours.1).await, [0; 3]);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn blocks_do_not_remember_ends_that_are_over(pool: PgPool) {
    let ours = on_sale(&pool, 1100).await;
    // In the first block a hold was given back, in the second one has ended that no hold's row tells of.
    change(&pool, ours.1, 1, Change::Hold(60.0)).await;
    change(&pool, ours.1, 513, Change::Hold(-1.0)).await;
    let sql = "UPDATE block_version SET first_end = now() - interval '1 min' WHERE block IN (0, 2)";
    sqlx::query(sql).execute(&pool).await.unwrap();
    let store = store(&pool);
    assert_eq!(store.settle_past_ends(1).await.unwrap(), 1);
    assert_eq!(store.settle_past_ends(10).await.unwrap(), 1);
    assert_eq!(store.settle_past_ends(10).await.unwrap(), 0);
    assert_blocks_agree(&pool).await;
}
