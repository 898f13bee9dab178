//! Asking again with the same key.

use std::collections::HashSet;

use onsale_proto::catalog::v1::{ConfirmRequest, ExtendRequest, HoldKey, HoldRequest};
use sqlx::PgPool;
use tokio::task::JoinSet;
use tonic::Code;

use crate::{
    fixture::on_sale,
    running::{Running, database_url},
    selling::{Seller, confirmation, key, missing, reason, statuses, user},
};

fn keyed(request: HoldRequest, key: &str) -> HoldRequest {
    HoldRequest { idempotency_key: key.to_owned(), ..request }
}

#[sqlx::test]
async fn a_key_has_one_answer_whatever_becomes_of_the_hold(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let request = keyed(seller.request(user("ada"), &[1, 2]), "k");
    let first = seller.ask(request.clone()).await.unwrap();
    assert_eq!(seller.ask(request.clone()).await.unwrap(), first);
    let only_kept = HoldRequest { kept_answer_only: true, ..request.clone() };
    assert_eq!(seller.ask(only_kept).await.unwrap(), first);
    seller.release("ada", first.hold.as_ref().unwrap()).await.unwrap();
    assert_eq!(seller.ask(request.clone()).await.unwrap(), first);
    assert_eq!(statuses(&pool, ours.1).await[..2], [0, 0]);

    // Another request under the same key changes nothing; the same key of another buyer is another key.
    for other in [
        keyed(seller.request(user("ada"), &[1, 3]), "k"),
        HoldRequest { kept_answer_only: true, ..keyed(seller.request(user("ada"), &[1, 3]), "k") },
    ] {
        assert_eq!(reason(seller.ask(other).await), "KEY_REUSED");
    }
    let by_eve = seller.ask(keyed(seller.request(user("eve"), &[1, 2]), "k")).await.unwrap();
    assert_ne!(by_eve.hold.unwrap().hold_id, first.hold.unwrap().hold_id);
    let unknown = HoldRequest { kept_answer_only: true, ..keyed(request, "unknown") };
    assert_eq!(missing(seller.ask(unknown).await), "answer");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_refusal_is_not_kept(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let first = seller.hold("eve", &[1]).await;
    let request = keyed(seller.request(user("ada"), &[1]), "k");
    assert_eq!(reason(seller.ask(request.clone()).await), "SEATS_TAKEN");
    seller.release("eve", &first).await.unwrap();
    seller.ask(request).await.unwrap();
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn every_write_keeps_its_answer(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let mut client = seller.client.clone();
    let hold = seller.hold("ada", &[1]).await;
    let named = |name: &str| name.to_owned();

    let extend = ExtendRequest {
        buyer: Some(user("ada")),
        hold_id: hold.hold_id.clone(),
        idempotency_key: named("extend"),
    };
    let first = client.extend(extend.clone()).await.unwrap().into_inner();
    assert_eq!(client.extend(extend.clone()).await.unwrap().into_inner(), first);
    let pay = HoldKey { idempotency_key: named("pay"), ..key("ada", &hold) };
    let first = client.check_out(pay.clone()).await.unwrap().into_inner();
    assert!(first.written.is_some());
    assert_eq!(client.check_out(pay.clone()).await.unwrap().into_inner(), first);
    // An extension is refused by now, and the kept answer is not.
    assert_eq!(reason(seller.extend("ada", &hold).await), "PAYMENT_BEGUN");
    client.extend(extend).await.unwrap();

    let confirm = ConfirmRequest { idempotency_key: named("buy"), ..confirmation("ada", &hold, "o") };
    let first = client.confirm(confirm.clone()).await.unwrap().into_inner();
    assert!(first.written.is_some());
    assert_eq!(client.confirm(confirm.clone()).await.unwrap().into_inner(), first);
    let other = ConfirmRequest { order_ref: named("p"), ..confirm.clone() };
    assert_eq!(reason(client.confirm(other).await), "KEY_REUSED");
    // Another operation is another request.
    let release = HoldKey { idempotency_key: named("buy"), ..key("ada", &hold) };
    assert_eq!(reason(client.release(release.clone()).await), "KEY_REUSED");
    assert_eq!(reason(client.check_out(release).await), "KEY_REUSED");

    let second = seller.hold("ada", &[2]).await;
    let release = HoldKey { idempotency_key: named("back"), ..key("ada", &second) };
    let first = client.release(release.clone()).await.unwrap().into_inner();
    assert!(first.written.is_some());
    assert_eq!(client.release(release).await.unwrap().into_inner(), first);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_key_is_forgotten_after_a_day(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let request = keyed(seller.request(user("ada"), &[1]), "k");
    let first = seller.ask(request.clone()).await.unwrap();
    for (age, forgotten) in [("23:59:50", false), ("24:00:01", true)] {
        let aged = format!("UPDATE idempotency SET answered_at = clock_timestamp() - interval '{age}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(aged)).execute(&pool).await.unwrap();
        let outcome = seller.ask(request.clone()).await;
        if forgotten {
            assert_eq!(reason(outcome), "SEATS_TAKEN");
        } else {
            assert_eq!(outcome.unwrap(), first);
        }
    }
    let other = keyed(seller.request(user("ada"), &[2]), "k");
    let second = seller.ask(other.clone()).await.unwrap();
    assert_eq!(seller.ask(other).await.unwrap(), second);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_key_in_flight_many_times_is_done_once(pool: PgPool) {
    let ours = on_sale(&pool, 2000).await;
    let url = database_url(&pool);
    let copies = [
        Running::start_with(&url, &["--lock-timeout-ms=1400"]).await,
        Running::start_with(&url, &["--lock-timeout-ms=1400"]).await,
    ];
    let sellers = [Seller::new(&copies[0], ours).await, Seller::new(&copies[1], ours).await];
    for round in 0..10_u32 {
        let mut calls = JoinSet::new();
        for call in 0..12 {
            let seller = sellers[call % 2].clone();
            let request =
                keyed(seller.request(user(&format!("user {round}")), &[round * 8 + 1, round * 8 + 2]), "k");
            calls.spawn(async move { seller.ask(request).await });
        }
        let answers = calls.join_all().await;
        let ids: HashSet<String> =
            answers.into_iter().map(|answer| answer.unwrap().hold.unwrap().hold_id).collect();
        assert_eq!(ids.len(), 1);
    }
    let holds: i64 = sqlx::query_scalar("SELECT count(*) FROM hold").fetch_one(&pool).await.unwrap();
    assert_eq!(holds, 10);
    for copy in copies {
        copy.stop().await.unwrap();
    }
}

#[sqlx::test]
async fn a_key_that_stays_in_flight_is_asked_for_again_later(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let request = keyed(seller.request(user("ada"), &[1]), "k");
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('user:ada k', 1))")
        .execute(&mut *lock)
        .await
        .unwrap();
    for only_kept in [false, true] {
        let request = HoldRequest { kept_answer_only: only_kept, ..request.clone() };
        let status = seller.ask(request).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        assert!(tonic_types::StatusExt::get_details_retry_info(&status).is_some());
    }
    // Other keys of the same buyer do not wait for it.
    seller.ask(keyed(seller.request(user("ada"), &[2]), "other")).await.unwrap();
    lock.rollback().await.unwrap();
    seller.ask(request).await.unwrap();
    catalog.stop().await.unwrap();
}
