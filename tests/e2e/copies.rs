//! Two copies of each service: one may die, freeze or be stopped without a visitor noticing more than a retried call.

use std::time::Duration;

use onsale_stack::Service;
use tokio::task::JoinSet;

use crate::{
    api::policy,
    crowd::Crowd,
    metrics::{calls, missing},
    onsale::{DEADLINE, Onsale, Plan},
    wait::until,
};

async fn pairs() -> Onsale {
    let onsale = Onsale::start_as(Plan { copies: 2, ..Plan::default() }).await;
    onsale.put_room(1, &policy("open", 1_000)).await;
    onsale
}

async fn crowd(onsale: &Onsale, patience: Duration) -> Crowd {
    let crowd = Crowd::come(6, &[onsale.api()], patience);
    crowd.until_answered(100).await;
    crowd
}

/// Asserts that a copy is called again.
async fn takes_part(copy: &Service, method: &str) {
    let before = calls(copy, method).await;
    until("the copy to be called", || async { calls(copy, method).await > before + 5.0 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_killed() {
    let mut onsale = pairs().await;
    let crowd = crowd(&onsale, DEADLINE).await;
    onsale.queues[0].kill9().unwrap();
    onsale.catalogs[1].kill9().unwrap();
    crowd.until_answered(200).await;
    assert!(missing(&onsale.gateways[0]).await.is_empty(), "one copy is enough");
    onsale.queues[0].restart().await.unwrap();
    onsale.catalogs[1].restart().await.unwrap();
    takes_part(&onsale.queues[0], "Join").await;
    takes_part(&onsale.catalogs[1], "RefreshSeats").await;
    let complaints = crowd.go_home().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_frozen() {
    let mut onsale = pairs().await;
    let crowd = crowd(&onsale, DEADLINE).await;
    onsale.queues[1].freeze().unwrap();
    onsale.catalogs[0].freeze().unwrap();
    crowd.until_answered(200).await;
    assert!(missing(&onsale.gateways[0]).await.is_empty(), "one copy is enough");
    onsale.queues[1].thaw().unwrap();
    onsale.catalogs[0].thaw().unwrap();
    takes_part(&onsale.queues[1], "Join").await;
    takes_part(&onsale.catalogs[0], "RefreshSeats").await;
    let complaints = crowd.go_home().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// What the other copy tells is as old as the attempt that it answers, and not as the one that was in vain. Of so many pages that
/// nobody has asked for yet, some are asked of the copy that stands still.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedules_are_told_while_one_is_frozen() {
    let mut onsale = Onsale::start_as(Plan { copies: 2, ..Plan::default() }).await;
    onsale.catalogs[0].freeze().unwrap();
    let pages = (1..=20).map(|limit| {
        let api = onsale.api();
        async move { api.get(&format!("/api/concerts/1/schedules?limit={limit}")).await }
    });
    let answers = pages.collect::<JoinSet<_>>().join_all().await;
    onsale.catalogs[0].thaw().unwrap();
    for answer in answers {
        answer.is(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_replaced_in_turn_as_a_deployment_does() {
    let mut onsale = pairs().await;
    let crowd = crowd(&onsale, DEADLINE).await;
    for copy in 0..2 {
        for service in [&mut onsale.queues[copy], &mut onsale.catalogs[copy]] {
            assert!(service.stop().await.unwrap().success(), "{} does not end well", service.name());
        }
        crowd.until_answered(60).await;
        onsale.queues[copy].restart().await.unwrap();
        onsale.catalogs[copy].restart().await.unwrap();
        onsale.until_ready().await;
        takes_part(&onsale.queues[copy], "Join").await;
        takes_part(&onsale.catalogs[copy], "RefreshSeats").await;
    }
    let complaints = crowd.go_home().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}
