//! Connections that were opened together are not replaced together.

use std::time::Duration;

use onsale_catalog::store::{
    CatalogStore as _,
    postgres::{ConnectOptions, PostgresStore},
};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::running::{PATIENCE, database_url};

const LIFETIME: Duration = Duration::from_secs(1);
const CONNECTIONS: u32 = 4;

/// The server's processes for a catalog, each with when it started, in milliseconds; the earliest first.
async fn backends(pool: &PgPool) -> Vec<(i32, i64)> {
    sqlx::query_as(
        "SELECT pid, (extract(epoch FROM backend_start) * 1000)::bigint FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'onsale-catalog' ORDER BY backend_start",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[sqlx::test]
async fn connections_that_were_opened_together_are_replaced_one_after_the_other(pool: PgPool) {
    let connect = ConnectOptions::parse(&database_url(&pool), CONNECTIONS, PATIENCE).unwrap();
    let store = PostgresStore::new(&connect.lifetime(LIFETIME));
    let mut asking = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let store = store.clone();
        asking.spawn(async move {
            loop {
                store.concerts(None, 1).await.unwrap();
            }
        });
    }
    let mut first = Vec::new();
    while first.len() < CONNECTIONS as usize {
        first = backends(&pool).await;
    }
    let is_first = |(pid, _): &(i32, i64)| first.iter().any(|(first, _)| first == pid);
    let mut later = first.clone();
    while later.len() < CONNECTIONS as usize || later.iter().any(is_first) {
        later = backends(&pool).await;
    }
    let pause = LIFETIME / CONNECTIONS;
    for (nth, (_, started)) in (0..).zip(&later) {
        let after = Duration::from_millis((started - first[0].1).unsigned_abs());
        assert!(after >= LIFETIME + nth * pause, "{nth}: {first:?}, {later:?}");
    }
}
