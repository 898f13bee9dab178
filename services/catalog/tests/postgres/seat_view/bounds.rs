//! What views cost, and what they do not.

use std::{sync::Arc, time::Duration};

use onsale_catalog::{
    domain::ScheduleId,
    metrics::SeatViewMetrics,
    reading::ReadingError,
    seat_view::{SeatViewBounds, SeatViews, WATCHED_FOR, Watch},
    store::{
        StoreError,
        postgres::{ConnectOptions, PostgresStore},
    },
};
use onsale_telemetry::Instruments;
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::with_seats;
use crate::{link::Link, running::PATIENCE};

const AGE: Duration = Duration::from_millis(250);

/// Views over a wire that counts, refreshed by nobody yet.
fn views(link: &Link, schedules: usize, seats: u64) -> Arc<SeatViews> {
    let connect = ConnectOptions::parse(link.database_url(), 4, PATIENCE).unwrap();
    let reader = PostgresStore::new(&connect).seat_view_reader(PATIENCE);
    let bounds = SeatViewBounds { age: AGE, every: Duration::from_millis(20), schedules, seats };
    SeatViews::new(Arc::new(reader), bounds, SeatViewMetrics::new(&Instruments::unread()))
}

fn watch(schedule: i64) -> Vec<Watch> {
    vec![Watch { schedule: ScheduleId::try_from(schedule).unwrap(), known: None }]
}

#[sqlx::test]
async fn those_who_come_at_once_wait_for_one_load(pool: PgPool) {
    let id = with_seats(&pool, 600).await;
    let link = Link::to(&pool, true).await;
    let views = views(&link, 10, 1_000_000);
    let mut crowd = JoinSet::new();
    for _ in 0..100 {
        let views = Arc::clone(&views);
        crowd.spawn(async move { views.tell(watch(id)).await.unwrap().len() });
    }
    assert_eq!(crowd.join_all().await, [1; 100]);
    assert_eq!(link.executed(), 1);
}

#[sqlx::test]
async fn a_refresh_is_one_statement_whatever_is_watched_and_what_nobody_watches_costs_none(pool: PgPool) {
    let ids = [with_seats(&pool, 600).await, with_seats(&pool, 3).await, with_seats(&pool, 1_100).await];
    let link = Link::to(&pool, true).await;
    let views = views(&link, 10, 1_000_000);
    tokio::spawn(Arc::clone(&views).keep_fresh());
    for id in ids {
        views.tell(watch(id)).await.unwrap();
    }
    assert_eq!(views.watched(), 3);
    let before = (link.executed(), std::time::Instant::now());
    while link.executed() < before.0 + 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Nineteen pauses, but for what statements are late by; two statements a refresh would be half of it.
    assert!(before.1.elapsed() >= Duration::from_millis(15 * 20), "{:?}", before.1.elapsed());

    let asked_at = std::time::Instant::now();
    while views.watched() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = asked_at.elapsed();
    assert!(took < WATCHED_FOR + Duration::from_secs(1), "{took:?}");
    let quiet = link.executed();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(link.executed() <= quiet + 1, "one may have been under way");
}

#[sqlx::test]
async fn beyond_the_bounds_what_was_asked_for_longest_ago_is_dropped(pool: PgPool) {
    let ids = [with_seats(&pool, 600).await, with_seats(&pool, 600).await, with_seats(&pool, 600).await];
    let link = Link::to(&pool, true).await;
    let told = |views: Arc<SeatViews>, id| async move {
        // Times of asking are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let told = views.tell(watch(id)).await.unwrap();
        assert!(told[0].seats.is_some());
    };
    for views in [views(&link, 2, 1_000_000), views(&link, 10, 1_300)] {
        for id in [ids[0], ids[1], ids[0], ids[2]] {
            told(Arc::clone(&views), id).await;
        }
        assert_eq!(views.watched(), 2);
        let before = link.executed();
        told(Arc::clone(&views), ids[0]).await;
        assert_eq!(link.executed(), before, "the first is still watched");
        told(Arc::clone(&views), ids[1]).await;
        assert_eq!(link.executed(), before + 1, "the second is not");
    }
    // One schedule alone may have more seats than all of them together.
    let views = views(&link, 10, 100);
    told(Arc::clone(&views), ids[0]).await;
    told(Arc::clone(&views), ids[1]).await;
    assert_eq!(views.watched(), 1);
}

#[sqlx::test]
async fn what_grew_too_old_while_another_was_waited_for_is_not_told(pool: PgPool) {
    let ids = [with_seats(&pool, 3).await, with_seats(&pool, 3).await];
    let link = Link::to(&pool, true).await;
    let views = views(&link, 10, 1_000_000);
    views.tell(watch(ids[0])).await.unwrap();

    link.freeze();
    let asked = ids.into_iter().flat_map(watch).collect();
    let telling = tokio::spawn({
        let views = Arc::clone(&views);
        async move { views.tell(asked).await }
    });
    tokio::time::sleep(AGE).await;
    link.mend();
    let told = telling.await.unwrap();
    assert!(matches!(told, Err(ReadingError::Store(StoreError::Away(_)))), "{told:?}");
}
