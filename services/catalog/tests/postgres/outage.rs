//! Postgres away, in the ways that it can be: refused, hanging, not migrated, not fit.

use std::time::{Duration, Instant};

use onsale_proto::catalog::v1::{
    GetConcertRequest, ListConcertsRequest, ListSchedulesRequest, ListSeatsRequest,
    catalog_service_client::CatalogServiceClient,
};
use sqlx::PgPool;
use tonic::{Code, Status, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Times, concert, hall, schedule},
    link::Link,
    running::{PATIENCE, Running},
};

/// The default bound on a statement, and something for a busy machine.
const SOON: Duration = Duration::from_millis(2500);

/// What each method says at the moment.
async fn ask_all(client: &mut CatalogServiceClient<Channel>) -> [Result<(), Status>; 4] {
    let (concert_id, schedule_id) = (1, 1);
    let (mut a, mut b, mut c, mut d) = (client.clone(), client.clone(), client.clone(), client.clone());
    let seats = ListSeatsRequest { concert_id, schedule_id, ..Default::default() };
    let schedules = ListSchedulesRequest { concert_id, ..Default::default() };
    let (a, b, c, d) = tokio::join!(
        a.list_concerts(ListConcertsRequest::default()),
        b.get_concert(GetConcertRequest { concert_id }),
        c.list_schedules(schedules),
        d.list_seats(seats),
    );
    [a.map(drop), b.map(drop), c.map(drop), d.map(drop)]
}

pub(crate) async fn assert_unavailable(client: &mut CatalogServiceClient<Channel>) {
    let asked_at = Instant::now();
    for outcome in ask_all(client).await {
        let status = outcome.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
        assert!(!status.message().contains("127.0.0.1"), "{status:?}");
    }
    assert!(asked_at.elapsed() < SOON, "{:?}", asked_at.elapsed());
}

pub(crate) async fn until_answered(client: &mut CatalogServiceClient<Channel>) {
    tokio::time::timeout(PATIENCE, async {
        while !ask_all(client).await.iter().all(Result::is_ok) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("answers again");
}

async fn health(catalog: &Running) -> ServingStatus {
    let mut client = HealthClient::new(catalog.channel().await);
    let service = "onsale.catalog.v1.CatalogService".to_owned();
    client.check(HealthCheckRequest { service }).await.unwrap().into_inner().status()
}

pub(crate) async fn world(pool: &PgPool) {
    let ours = concert(pool, "ours").await;
    let layout = hall(pool, &[("S", 3)]).await;
    assert_eq!((ours, schedule(pool, ours, layout, Times::on_sale(5000.0)).await), (1, 1));
}

#[sqlx::test]
async fn an_outage_is_told_and_its_end_is_noticed(pool: PgPool) {
    world(&pool).await;
    let link = Link::to(&pool, true).await;
    let catalog = Running::start_with(link.database_url(), &[]).await;
    catalog.until_ready_is(true).await;
    assert_eq!(health(&catalog).await, ServingStatus::Serving);
    let mut client = catalog.client().await;
    until_answered(&mut client).await;

    for _ in 0..2 {
        link.cut();
        link.until_refused().await;
        assert_unavailable(&mut client).await;
        let said = catalog.until_ready_is(false).await;
        assert!(said.contains("postgres"), "{said}");
        assert_eq!(health(&catalog).await, ServingStatus::NotServing);
        assert_unavailable(&mut client).await;

        link.mend();
        let mended_at = Instant::now();
        until_answered(&mut client).await;
        catalog.until_ready_is(true).await;
        assert!(mended_at.elapsed() < Duration::from_secs(2), "{:?}", mended_at.elapsed());
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_server_that_hangs_is_an_outage_too(pool: PgPool) {
    world(&pool).await;
    let link = Link::to(&pool, true).await;
    let catalog = Running::start_with(link.database_url(), &["--database-connections=2"]).await;
    catalog.until_ready_is(true).await;
    let mut client = catalog.client().await;
    until_answered(&mut client).await;

    link.freeze();
    // More calls than there are connections, and more often than once.
    for _ in 0..3 {
        assert_unavailable(&mut client).await;
    }
    let said = catalog.until_ready_is(false).await;
    assert!(said.contains("postgres"), "{said}");

    link.mend();
    let mended_at = Instant::now();
    until_answered(&mut client).await;
    catalog.until_ready_is(true).await;
    assert!(mended_at.elapsed() < Duration::from_secs(2), "{:?}", mended_at.elapsed());
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn connections_that_stay_silent_are_replaced(pool: PgPool) {
    world(&pool).await;
    let link = Link::to(&pool, true).await;
    let catalog = Running::start_with(link.database_url(), &["--database-connections=2"]).await;
    catalog.until_ready_is(true).await;
    let mut client = catalog.client().await;
    until_answered(&mut client).await;

    link.partition();
    // In use a moment ago, so the connections are taken for good and asked.
    assert_unavailable(&mut client).await;
    let asked_at = Instant::now();
    until_answered(&mut client).await;
    assert!(asked_at.elapsed() < SOON, "{:?}", asked_at.elapsed());
    catalog.until_ready_is(true).await;
    catalog.stop().await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_catalog_may_be_there_before_its_database(pool: PgPool) {
    let link = Link::to(&pool, false).await;
    let catalog = Running::start_with(link.database_url(), &[]).await;
    let mut client = catalog.client().await;
    assert_unavailable(&mut client).await;
    assert!(catalog.until_ready_is(false).await.contains("postgres"));

    link.mend();
    catalog.until_ready_is(true).await;
    world(&pool).await;
    until_answered(&mut client).await;
    catalog.stop().await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_database_that_is_not_migrated_yet_is_an_outage(pool: PgPool) {
    let reader = Running::start_with(&crate::running::database_url(&pool), &["--migrate=false"]).await;
    let mut client = reader.client().await;
    assert_unavailable(&mut client).await;

    let migrating = Running::start(&pool).await;
    migrating.until_ready_is(true).await;
    world(&pool).await;
    until_answered(&mut client).await;
    migrating.stop().await.unwrap();
    reader.stop().await.unwrap();
}

#[sqlx::test]
async fn another_isolation_level_ends_the_program(pool: PgPool) {
    let database = pool.connect_options().get_database().unwrap().to_owned();
    let statement =
        format!(r#"ALTER DATABASE "{database}" SET default_transaction_isolation = 'serializable'"#);
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    let error = Running::start(&pool).await.ended().await.unwrap_err();
    assert!(error.to_string().contains("read committed"), "{error:#}");
}

#[sqlx::test]
async fn a_database_of_another_program_ends_the_program(pool: PgPool) {
    sqlx::query("UPDATE _sqlx_migrations SET checksum = 'x' WHERE version = 1").execute(&pool).await.unwrap();
    let error = Running::start(&pool).await.ended().await.unwrap_err();
    assert!(format!("{error:#}").contains("migrate the database"), "{error:#}");
}
