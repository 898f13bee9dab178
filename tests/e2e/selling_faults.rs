//! Postgres and catalogs that die while seats change hands: whoever asks again with the same key has the one true answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use onsale_stack::{ServiceOptions, run_to_end};
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    onsale::{DEADLINE, Onsale, Plan},
    shop::Shop,
    wait::{PATIENCE, until},
};

/// Asks until there is an answer, as a shop has to; what is in between has to be an outage that says when to come back.
async fn settled<F: Future<Output = Answer>>(deadline: Duration, ask: impl Fn() -> F) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
        answer.is_an_outage(deadline);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What the catalog's own program finds of its store.
async fn is_found_well(onsale: &Onsale) {
    let check = ServiceOptions::new("onsale-catalog").argument("check");
    run_to_end(check.env("ONSALE_DATABASE_URL", onsale.database.url()), PATIENCE).await.unwrap();
}

/// What one buyer of a crowd has been told.
#[derive(Default)]
struct Told {
    /// Holds and sales, each with the answer.
    sales: Vec<(Shop, Value, String)>,
}

/// Buys one seat after another of a concert's schedule, each under a key of its own, until it is enough. Every answer is
/// asked for twice: the second has to be the first.
async fn buy(shop: Shop, seats: Vec<u64>, enough: Arc<AtomicBool>, bought: Arc<AtomicUsize>) -> Told {
    let mut told = Told::default();
    for seat in seats {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        let (seats, key, order) = ([seat], format!("hold-{seat}"), format!("order-{seat}"));
        let hold = settled(DEADLINE, || shop.hold_keyed(&seats, &key)).await.is(201);
        let again = settled(DEADLINE, || shop.hold_keyed(&seats, &key)).await.is(201);
        assert_eq!(hold, again, "one key, one hold");
        let sale = settled(DEADLINE, || shop.confirm(&hold, &order)).await.is(201);
        let again = settled(DEADLINE, || shop.confirm(&hold, &order)).await.is(201);
        assert_eq!(sale["saleId"], again["saleId"], "one order, one sale");
        bought.fetch_add(1, Ordering::Relaxed);
        told.sales.push((shop.clone(), sale, order));
    }
    told
}

/// Buyers of two seats' width each, all of what is free of the first schedule.
async fn crowd(onsale: &Onsale, buyers: usize) -> Vec<(Shop, Vec<u64>)> {
    let api = onsale.api();
    let first = Shop::new(api.clone(), api.token("first").await);
    let free = first.free().await;
    let mut crowd = Vec::new();
    for (number, seats) in free.chunks(free.len() / buyers).take(buyers).enumerate() {
        let token = api.token(&format!("buyer {number}")).await;
        crowd.push((Shop::new(api.clone(), token), seats.to_vec()));
    }
    crowd
}

/// Whatever was sold is sold: by every gateway's word, and by the store's.
async fn nothing_is_lost(onsale: &Onsale, told: &[Told]) {
    for (shop, sale, order) in told.iter().flat_map(|told| &told.sales) {
        let found = settled(DEADLINE, || shop.sale(sale)).await.is(200);
        assert_eq!((&found["state"], &found["orderRef"]), (&json!("SOLD"), &json!(order)));
        assert_eq!(found["seats"], sale["seats"]);
    }
    is_found_well(onsale).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_killed_amid_holds_and_payments() {
    let mut onsale = Onsale::start_as(Plan { own_postgres: true, ..Plan::default() }).await;
    let (enough, bought) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let buyers: Vec<_> = crowd(&onsale, 4)
        .await
        .into_iter()
        .map(|(shop, seats)| tokio::spawn(buy(shop, seats, Arc::clone(&enough), Arc::clone(&bought))))
        .collect();
    for round in 1..=3 {
        until("some sales", || async { bought.load(Ordering::Relaxed) >= round * 2 }).await;
        onsale.database.postgres().kill9().unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        onsale.database.postgres().restart().await.unwrap();
    }
    let mut told = Vec::new();
    for buyer in buyers {
        told.push(buyer.await.unwrap());
    }
    assert!(bought.load(Ordering::Relaxed) >= 12);
    nothing_is_lost(&onsale, &told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_catalog_of_two_killed_amid_holds_and_payments() {
    let mut onsale = Onsale::start_as(Plan { own_postgres: true, copies: 2, ..Plan::default() }).await;
    let (enough, bought) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let buyers: Vec<_> = crowd(&onsale, 4)
        .await
        .into_iter()
        .map(|(shop, seats)| tokio::spawn(buy(shop, seats, Arc::clone(&enough), Arc::clone(&bought))))
        .collect();
    for round in 0..4 {
        until("some sales", || async { bought.load(Ordering::Relaxed) > round * 2 }).await;
        let catalog = &mut onsale.catalogs[round % 2];
        catalog.kill9().unwrap();
        catalog.restart().await.unwrap();
        catalog.until_ready().await.unwrap();
    }
    let mut told = Vec::new();
    for buyer in buyers {
        told.push(buyer.await.unwrap());
    }
    nothing_is_lost(&onsale, &told).await;
}

#[tokio::test]
async fn without_a_key_a_hold_is_not_sent_twice() {
    let mut onsale = Onsale::start_as(Plan { own_postgres: true, copies: 2, ..Plan::default() }).await;
    let api = onsale.api();
    let ada = Shop::new(api.clone(), api.token("ada").await);
    let free = ada.free().await;
    onsale.database.postgres().freeze().unwrap();
    let answer = ada.hold(&free[..1]).await;
    answer.is_an_outage(DEADLINE);
    onsale.database.postgres().thaw().unwrap();
    // Whether it was done is for the list to tell: once, or not at all.
    let list = settled(DEADLINE, || api.get_with("/api/holds", &ada.token)).await.is(200);
    assert!(list["holds"].as_array().unwrap().len() <= 1, "{list}");
    is_found_well(&onsale).await;
}
