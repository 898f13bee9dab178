//! A catalog that is cut off from its store stops telling of seats when the bound has passed.

use std::time::{Duration, Instant};

use onsale_proto::catalog::v1::seat_view_service_client::SeatViewServiceClient;
use onsale_stack::{Postgres, PostgresOptions};
use sqlx::PgPool;
use tonic::{Code, transport::Channel};
use tonic_types::StatusExt as _;

use super::{client, follower, follower::Follower, with_seats};
use crate::{
    fixture::{Change, change},
    link::Link,
    running::{PATIENCE, Running},
};

type Client = SeatViewServiceClient<Channel>;

const BOUND: Duration = Duration::from_millis(250);

#[sqlx::test]
async fn a_copy_that_is_cut_off_refuses_when_the_bound_has_passed_and_another_goes_on(pool: PgPool) {
    let id = with_seats(&pool, 600).await;
    let link = Link::to(&pool, true).await;
    let cut_off = Running::start_with(link.database_url(), &[]).await;
    let other = Running::start(&pool).await;
    let (mut near, mut far) = (client(&cut_off).await, client(&other).await);
    for freezes in [true, false] {
        let mut follower = Follower::new(id);
        follower.follow(&mut near).await;
        let cut_at = Instant::now();
        if freezes {
            link.freeze();
        } else {
            link.cut();
        }
        change(&pool, id, 1, if freezes { Change::Sell } else { Change::Free }).await;
        until_refused(&mut follower, &mut near, cut_at).await;
        Follower::new(id).follow(&mut far).await;

        link.mend();
        until_told_again(&pool, id, &mut near).await;
    }
    cut_off.stop().await.unwrap();
    other.stop().await.unwrap();
}

/// What is told meanwhile says how old it is.
async fn until_refused(follower: &mut Follower, client: &mut Client, cut_at: Instant) {
    // What the store sent before is still to be read.
    let slack = Duration::from_millis(60);
    let refused = loop {
        let asked_at = Instant::now();
        let (age_ms, _) = match follower.try_to_follow(client).await {
            Ok(told) => told,
            Err(refused) => break refused,
        };
        let least = asked_at.duration_since(cut_at).saturating_sub(slack);
        let age = Duration::from_millis(age_ms);
        assert!(age <= BOUND && age >= least, "{age:?}, asked {least:?} after the cut");
    };
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    assert!(refused.get_details_retry_info().is_some());
    assert!(cut_at.elapsed() < 2 * BOUND + Duration::from_millis(200), "{:?}", cut_at.elapsed());
}

async fn until_told_again(pool: &PgPool, id: i64, client: &mut Client) {
    let (mended_at, mut follower) = (Instant::now(), Follower::new(id));
    while follower.try_to_follow(client).await.is_err() {
        assert!(mended_at.elapsed() < Duration::from_secs(3), "{:?}", mended_at.elapsed());
    }
    let there = follower::stored(pool, id).await;
    while follower.seats().vector() != there.vector() {
        follower.follow(client).await;
    }
    assert!(follower.seats().states().eq(there.states()));
}

#[sqlx::test]
async fn a_connection_that_stays_silent_is_replaced(pool: PgPool) {
    let id = with_seats(&pool, 3).await;
    let link = Link::to(&pool, true).await;
    let catalog = Running::start_with(link.database_url(), &[]).await;
    let mut client = client(&catalog).await;
    until_told_again(&pool, id, &mut client).await;
    link.partition();
    change(&pool, id, 1, Change::Sell).await;
    until_told_again(&pool, id, &mut client).await;
    catalog.stop().await.unwrap();
}

#[tokio::test]
async fn after_a_restart_of_the_store_everything_is_told_in_another_epoch() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let url = postgres.create_database("catalog").unwrap();
    let catalog = Running::start_with(&url, &[]).await;
    catalog.until_ready_is(true).await;
    let pool = PgPool::connect(&url).await.unwrap();
    let id = with_seats(&pool, 600).await;
    change(&pool, id, 3, Change::Sell).await;
    pool.close().await;
    let (mut follower, mut client) = (Follower::new(id), client(&catalog).await);
    follower.follow(&mut client).await;
    let before = follower.seats().vector().clone();

    postgres.kill9().unwrap();
    postgres.restart().await.unwrap();
    let back_at = Instant::now();
    while follower.seats().vector().epoch == before.epoch {
        // Refusals meanwhile are right.
        let _ = follower.try_to_follow(&mut client).await;
        assert!(back_at.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    println!("told of the new epoch after {:?}", back_at.elapsed());
    assert_eq!(follower.seats().vector().blocks, before.blocks);
    assert_eq!(follower.seats().state(3), Some(onsale_seat_view::SeatState::Sold));
    catalog.stop().await.unwrap();
}
