//! Selling while Postgres is away, and while a lock is not given.

use onsale_proto::catalog::v1::{Hold, HoldRequest};
use sqlx::PgPool;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    fixture::on_sale,
    link::Link,
    running::{PATIENCE, Running, database_url},
    selling::{Seller, statuses, user},
};

fn told_to_come_back(status: &Status) {
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    assert!(!status.message().contains("127.0.0.1"), "{status:?}");
}

/// What each operation says at the moment.
async fn ask_all(seller: &Seller, hold: &Hold, sale: &str, request: &HoldRequest) -> Vec<Option<Status>> {
    vec![
        seller.get("ada", hold).await.err(),
        seller.extend("ada", hold).await.err(),
        seller.check_out("ada", hold).await.err(),
        seller.release("ada", hold).await.err(),
        seller.confirm("ada", hold, "o").await.err(),
        seller.get_sale("ada", sale).await.err(),
        seller.cancel("ada", sale).await.err(),
        seller.ask(HoldRequest { kept_answer_only: true, ..request.clone() }).await.err(),
        seller.ask(request.clone()).await.err(),
    ]
}

#[sqlx::test]
async fn while_postgres_is_away_everybody_is_told_to_come_back(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let link = Link::to(&pool, true).await;
    let catalog = Running::start_with(link.database_url(), &["--database-timeout-ms=500"]).await;
    catalog.until_ready_is(true).await;
    let seller = Seller::new(&catalog, ours).await;
    let sold = seller.hold("ada", &[1]).await;
    let sale = seller.confirm("ada", &sold, "o").await.unwrap().sale.unwrap().sale_id;
    let hold = seller.hold("ada", &[2]).await;
    let request = HoldRequest { idempotency_key: "k".to_owned(), ..seller.request(user("ada"), &[3, 4]) };
    let first = seller.ask(request.clone()).await.unwrap();

    for frozen in [false, true] {
        if frozen {
            link.freeze();
        } else {
            link.cut();
            link.until_refused().await;
        }
        for status in ask_all(&seller, &hold, &sale, &request).await {
            told_to_come_back(&status.expect("postgres is away"));
        }
        link.mend();
        catalog.until_ready_is(true).await;
        let again = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Ok(again) = seller.ask(request.clone()).await {
                    return again;
                }
            }
        });
        assert_eq!(again.await.expect("an answer again"), first);
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_seat_that_stays_locked_is_told_of_and_nothing_is_done(pool: PgPool) {
    let ours = on_sale(&pool, 3).await;
    let catalog = Running::start_with(&database_url(&pool), &["--lock-timeout-ms=50"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1]).await;
    let mut holder = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM seat_state WHERE seat_no <= 2 FOR UPDATE").execute(&mut *holder).await.unwrap();
    for status in [
        seller.try_hold("eve", &[2, 3]).await.err(),
        seller.extend("ada", &hold).await.err(),
        seller.check_out("ada", &hold).await.err(),
        seller.confirm("ada", &hold, "o").await.err(),
        seller.release("ada", &hold).await.err(),
    ] {
        told_to_come_back(&status.expect("the seats are in use"));
    }
    // What is only read, and who wants other seats, does not wait.
    seller.get("ada", &hold).await.unwrap();
    seller.hold("eve", &[3]).await;
    holder.rollback().await.unwrap();
    assert_eq!(statuses(&pool, ours.1).await, [1, 0, 1]);
    seller.confirm("ada", &hold, "o").await.unwrap();
    catalog.stop().await.unwrap();
}
