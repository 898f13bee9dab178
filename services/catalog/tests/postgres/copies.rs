//! Several copies that start at once.

use onsale_catalog::store::postgres::{ConnectOptions, PostgresStore};
use onsale_proto::catalog::v1::ListConcertsRequest;
use sqlx::PgPool;
use tokio::{sync::Barrier, task::JoinSet};

use crate::running::{PATIENCE, Running, database_url};

#[sqlx::test(migrations = false)]
async fn copies_that_start_at_once_on_an_empty_database_all_serve(pool: PgPool) {
    let copies = futures_of(&pool, 6).await;
    for copy in &copies {
        copy.until_ready_is(true).await;
        let mut client = copy.client().await;
        let list = client.list_concerts(ListConcertsRequest::default()).await.unwrap().into_inner();
        assert_eq!(list.concerts, []);
    }
    for copy in copies {
        copy.stop().await.unwrap();
    }
}

async fn futures_of(pool: &PgPool, copies: usize) -> Vec<Running> {
    let mut running = Vec::new();
    for _ in 0..copies {
        running.push(Running::start(pool).await);
    }
    running
}

#[sqlx::test(migrations = false)]
async fn migrations_run_once_however_many_run_them(pool: PgPool) {
    let (copies, address) = (12, database_url(&pool));
    let at_once = std::sync::Arc::new(Barrier::new(copies));
    let mut migrations = JoinSet::new();
    for _ in 0..copies {
        let (at_once, address) = (at_once.clone(), address.clone());
        migrations.spawn(async move {
            let store = PostgresStore::new(&ConnectOptions::parse(&address, 1, PATIENCE).unwrap());
            at_once.wait().await;
            store.migrate().await
        });
    }
    for migrated in migrations.join_all().await {
        migrated.unwrap();
    }
    let applied: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations WHERE success")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(usize::try_from(applied), Ok(sqlx::migrate!().iter().count()));
}
