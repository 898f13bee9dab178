//! A Postgres that is killed, frozen and started again under a catalog.

use std::time::{Duration, Instant};

use onsale_stack::{Postgres, PostgresOptions};
use sqlx::PgPool;

use crate::{
    outage::{assert_unavailable, until_answered, world},
    running::Running,
};

#[tokio::test]
async fn a_postgres_that_crashes_or_hangs_is_waited_out() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let url = postgres.create_database("catalog").unwrap();
    let catalog = Running::start_with(&url, &[]).await;
    catalog.until_ready_is(true).await;
    let pool = PgPool::connect(&url).await.unwrap();
    world(&pool).await;
    pool.close().await;
    let mut client = catalog.client().await;
    until_answered(&mut client).await;

    for _ in 0..3 {
        postgres.kill9().unwrap();
        assert_unavailable(&mut client).await;
        catalog.until_ready_is(false).await;
        postgres.restart().await.unwrap();
        let back_at = Instant::now();
        until_answered(&mut client).await;
        catalog.until_ready_is(true).await;
        assert!(back_at.elapsed() < Duration::from_secs(2), "{:?}", back_at.elapsed());

        postgres.freeze().unwrap();
        assert_unavailable(&mut client).await;
        catalog.until_ready_is(false).await;
        postgres.thaw().unwrap();
        let back_at = Instant::now();
        until_answered(&mut client).await;
        catalog.until_ready_is(true).await;
        assert!(back_at.elapsed() < Duration::from_secs(2), "{:?}", back_at.elapsed());
    }
    catalog.stop().await.unwrap();
}
