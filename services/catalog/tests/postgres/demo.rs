//! The demo on a real database.

use std::time::Duration;

use onsale_catalog::{
    demo::DemoPlan,
    store::postgres::{ConnectOptions, DemoError, DemoOutcome, PostgresStore},
};
use onsale_proto::catalog::v1::{ListConcertsRequest, ListSchedulesRequest, ListSeatsRequest, SeatFilter};
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    fixture::{Change, change},
    running::{Running, database_url},
};

fn store(pool: &PgPool) -> PostgresStore {
    PostgresStore::new(&ConnectOptions::parse(&database_url(pool), 2, Duration::from_secs(30)).unwrap())
}

fn today() -> DemoPlan {
    DemoPlan::of(OffsetDateTime::now_utc().date())
}

/// Every block says what its seats say.
pub(crate) async fn assert_blocks_agree(pool: &PgPool) {
    let wrong: i64 = sqlx::query_scalar(
        "SELECT count(*)
         FROM block_version b
         FULL JOIN (SELECT schedule_id, (seat_no - 1) / 512 AS block, count(*) FILTER (WHERE status = 0) AS free,
                           min(held_until) AS first_end
                    FROM seat_state GROUP BY 1, 2) s USING (schedule_id, block)
         WHERE (b.free_seats, b.first_end) IS DISTINCT FROM (s.free, s.first_end)",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(wrong, 0);
}

#[sqlx::test]
async fn the_demo_is_loaded_once_and_then_only_moved(pool: PgPool) {
    let plan = today();
    let yesterday = DemoPlan::of(plan.day.previous_day().unwrap());
    let (one, other) = (store(&pool), store(&pool));
    // Two at once: one loads, the other finds it there.
    let (first, second) = tokio::join!(one.load_demo(&yesterday), other.load_demo(&yesterday));
    let outcomes = [first.unwrap(), second.unwrap()];
    assert!(outcomes.contains(&DemoOutcome::AlreadyThere), "{outcomes:?}");
    assert!(outcomes.contains(&DemoOutcome::Loaded { seats: 662_400 }), "{outcomes:?}");
    assert_blocks_agree(&pool).await;

    // Somebody buys a seat, and has it on the next day too.
    change(&pool, 1, 50, Change::Sell).await;
    assert_eq!(one.load_demo(&plan).await.unwrap(), DemoOutcome::Moved { days: 1 });
    assert_eq!(one.load_demo(&plan).await.unwrap(), DemoOutcome::AlreadyThere);
    assert_blocks_agree(&pool).await;
    assert_moved(&pool, &plan).await;
    assert_visit(&pool).await;
}

/// The dates are the plan's, and holds that last until the beginning still do.
async fn assert_moved(pool: &PgPool, plan: &DemoPlan) {
    let starts: Vec<OffsetDateTime> =
        sqlx::query_scalar("SELECT starts_at FROM schedule ORDER BY id").fetch_all(pool).await.unwrap();
    assert_eq!(starts, plan.schedules.iter().map(|schedule| schedule.starts_at).collect::<Vec<_>>());
    let sold: i16 =
        sqlx::query_scalar("SELECT status FROM seat_state WHERE schedule_id = 1 AND seat_no = 50")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!(sold, 2);
    let (moved, left_behind): (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE s.held_until = c.starts_at),
                count(*) FILTER (WHERE s.held_until <> c.starts_at AND s.held_until > now())
         FROM seat_state s JOIN schedule c ON c.id = s.schedule_id
         WHERE s.status = 1",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert!(moved > 10_000 && left_behind == 0, "{moved} {left_behind}");
}

/// What a visitor and the documents expect of it.
async fn assert_visit(pool: &PgPool) {
    let catalog = Running::start(pool).await;
    let mut client = catalog.client().await;
    let concerts =
        client.list_concerts(ListConcertsRequest { limit: 200, ..Default::default() }).await.unwrap();
    assert!(concerts.into_inner().concerts.len() >= 20);
    let mut bookable = 0;
    for concert_id in 1..=24 {
        let request = ListSchedulesRequest { concert_id, limit: 200, ..Default::default() };
        bookable += client.list_schedules(request).await.unwrap().into_inner().schedules.len();
    }
    assert!((400..600).contains(&bookable), "{bookable}");
    for (schedule_id, total) in [(1, 50), (2, 1_000), (3, 15_000)] {
        let request = ListSeatsRequest {
            concert_id: 1,
            schedule_id,
            filter: SeatFilter::All.into(),
            ..Default::default()
        };
        let list = client.list_seats(request.clone()).await.unwrap().into_inner();
        assert_eq!((list.total_seats, list.seats.len()), (total, total as usize));
        let request = ListSeatsRequest { filter: SeatFilter::Available.into(), ..request };
        let free = client.list_seats(request).await.unwrap().into_inner().seats.len();
        assert!(free > 0 && free < total as usize);
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn the_demo_leaves_a_database_with_concerts_alone(pool: PgPool) {
    crate::fixture::concert(&pool, "real").await;
    let refused = store(&pool).load_demo(&today()).await.unwrap_err();
    assert!(matches!(refused, DemoError::NotEmpty), "{refused}");
    let concerts: i64 = sqlx::query_scalar("SELECT count(*) FROM concert").fetch_one(&pool).await.unwrap();
    assert_eq!(concerts, 1);
}
