//! Deadlines, overload and sizes.

use std::time::{Duration, Instant};

use onsale_proto::catalog::v1::ListConcertsRequest;
use sqlx::{PgPool, Postgres, Transaction};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::running::{PATIENCE, Running, database_url};

/// Has every question about concerts wait until the lock is dropped.
async fn lock(pool: &PgPool) -> Transaction<'static, Postgres> {
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE concert IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    lock
}

pub(crate) async fn until_waiting(pool: &PgPool, statements: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'onsale-catalog'
                     AND wait_event_type = 'Lock'";
    tokio::time::timeout(PATIENCE, async {
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(pool).await.unwrap() < statements {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("statements that wait for the lock");
}

#[sqlx::test]
async fn a_call_ends_by_the_shortest_of_its_deadlines(pool: PgPool) {
    let lock = lock(&pool).await;
    let arguments = |call: &'static str, database: &'static str| [call, database];
    let cases = [
        (
            Some(300),
            arguments("--call-timeout-ms=5000", "--database-timeout-ms=5000"),
            Code::DeadlineExceeded,
        ),
        (None, arguments("--call-timeout-ms=300", "--database-timeout-ms=5000"), Code::DeadlineExceeded),
        (None, arguments("--call-timeout-ms=5000", "--database-timeout-ms=300"), Code::Unavailable),
    ];
    for (grpc_timeout, arguments, code) in cases {
        let catalog = Running::start_with(&database_url(&pool), &arguments).await;
        catalog.until_ready_is(true).await;
        let mut client = catalog.client().await;
        let mut request = Request::new(ListConcertsRequest::default());
        if let Some(ms) = grpc_timeout {
            // Only told, not kept: the answer is the catalog's.
            request.metadata_mut().insert("grpc-timeout", format!("{ms}m").parse().unwrap());
        }
        let asked_at = Instant::now();
        let status = client.list_concerts(request).await.unwrap_err();
        let took = asked_at.elapsed();
        assert_eq!(status.code(), code, "{status:?}");
        assert!(status.get_details_retry_info().is_some(), "{status:?}");
        assert!((Duration::from_millis(250)..Duration::from_millis(2500)).contains(&took), "{took:?}");
        catalog.stop().await.unwrap();
    }
    drop(lock);
}

#[sqlx::test]
async fn calls_beyond_the_limit_are_refused_at_once_and_the_others_are_answered(pool: PgPool) {
    let lock = lock(&pool).await;
    let catalog = Running::start_with(
        &database_url(&pool),
        &["--calls-at-once=2", "--call-timeout-ms=20000", "--database-timeout-ms=20000"],
    )
    .await;
    catalog.until_ready_is(true).await;
    let waiting: Vec<_> = [catalog.client().await, catalog.client().await]
        .into_iter()
        .map(|mut client| {
            tokio::spawn(async move { client.list_concerts(ListConcertsRequest::default()).await })
        })
        .collect();
    until_waiting(&pool, 2).await;

    let mut client = catalog.client().await;
    let asked_at = Instant::now();
    let status = client.list_concerts(ListConcertsRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    assert!(asked_at.elapsed() < Duration::from_secs(5));

    lock.rollback().await.unwrap();
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    client.list_concerts(ListConcertsRequest::default()).await.unwrap();
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn callers_who_go_away_cost_no_more_connections_than_the_pool_has(pool: PgPool) {
    let lock = lock(&pool).await;
    let catalog = Running::start_with(
        &database_url(&pool),
        &["--database-connections=2", "--database-timeout-ms=400", "--call-timeout-ms=400"],
    )
    .await;
    catalog.until_ready_is(true).await;
    let mut client = catalog.client().await;
    for _ in 0..20 {
        let call = client.list_concerts(ListConcertsRequest::default());
        tokio::time::timeout(Duration::from_millis(40), call).await.expect_err("it waits for the lock");
        let connections: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'onsale-catalog'",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        // The pool's two, and the one that watches.
        assert!(connections <= 3, "{connections}");
    }
    lock.rollback().await.unwrap();
    tokio::time::timeout(PATIENCE, async {
        while client.list_concerts(ListConcertsRequest::default()).await.is_err() {}
    })
    .await
    .expect("the connections are there again");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_request_that_is_too_large_is_refused(pool: PgPool) {
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let request = ListConcertsRequest { limit: 1, cursor: "x".repeat(1 << 20) };
    let status = client.list_concerts(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted), "{status:?}");
    catalog.stop().await.unwrap();
}
