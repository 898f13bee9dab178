//! What a catalog measures, on its ops port.

use std::time::Duration;

use onsale_proto::catalog::v1::{
    HoldRequest, HouseSeatsRequest, ListHoldsRequest, RefreshSeatsRequest, WatchedSchedule,
    seat_view_service_client::SeatViewServiceClient,
};
use sqlx::PgPool;
use tonic::Request;

use crate::{
    fixture::on_sale,
    limits::until_waiting,
    running::{Running, database_url},
    selling::{Seller, key, user},
};

fn operations(operation: &str, outcome: &str) -> String {
    format!("onsale_catalog_operations_total{{operation=\"{operation}\",outcome=\"{outcome}\"}}")
}

fn statement(name: &str, error: &str) -> String {
    format!(
        "db_client_operation_duration_seconds_count{{db_operation_name=\"{name}\",db_system_name=\"postgresql\",\
         error_type=\"{error}\"}}"
    )
}

async fn assert_series(catalog: &Running, expected: &[(String, f64)]) {
    for (series, value) in expected {
        assert_eq!(catalog.metric(series).await, Some(*value), "{series}");
    }
}

#[sqlx::test]
async fn operations_are_counted_by_what_became_of_them(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let request = HoldRequest { idempotency_key: "k".to_owned(), ..seller.request(user("ada"), &[1, 2, 3]) };
    let held = seller.ask(request.clone()).await.unwrap().hold.unwrap();
    seller.ask(request.clone()).await.unwrap();
    seller.ask(HoldRequest { kept_answer_only: true, ..request.clone() }).await.unwrap();
    let never_asked = HoldRequest { idempotency_key: "other".to_owned(), ..request };
    seller.ask(HoldRequest { kept_answer_only: true, ..never_asked }).await.unwrap_err();
    seller.try_hold("bob", &[3, 4]).await.unwrap_err();
    seller.check_out("ada", &held).await.unwrap();
    seller.confirm("ada", &held, "o").await.unwrap();
    let sale = seller.confirm("ada", &held, "o").await.unwrap().sale.unwrap();
    seller.confirm("ada", &held, "p").await.unwrap_err();
    seller.client.clone().release(key("eve", &held)).await.unwrap_err();
    seller.cancel("ada", &sale.sale_id).await.unwrap();
    let house = HouseSeatsRequest {
        concert_id: ours.0.cast_unsigned(),
        schedule_id: ours.1.cast_unsigned(),
        seat_nos: vec![10, 11],
    };
    seller.client.clone().block(house.clone()).await.unwrap();
    seller.client.clone().block(house).await.unwrap();

    let changed = |operation| format!("onsale_catalog_seats_changed_total{{operation=\"{operation}\"}}");
    let expected = [
        (operations("hold", "done"), 1.0),
        (operations("hold", "replayed"), 2.0),
        (operations("hold", "seats_taken"), 1.0),
        (operations("hold", "not_found"), 0.0),
        (operations("check_out", "done"), 1.0),
        (operations("confirm", "done"), 1.0),
        (operations("confirm", "unchanged"), 1.0),
        (operations("confirm", "another_order"), 1.0),
        (operations("release", "not_found"), 1.0),
        (operations("cancel", "done"), 1.0),
        (operations("block", "done"), 1.0),
        (operations("block", "unchanged"), 1.0),
        (operations("unblock", "done"), 0.0),
        (changed("hold"), 3.0),
        (changed("confirm"), 3.0),
        (changed("cancel"), 3.0),
        (changed("block"), 2.0),
        (changed("release"), 0.0),
        (statement("hold seats", ""), 3.0),
        (statement("kept answer", ""), 2.0),
        (statement("confirm hold", ""), 3.0),
        ("onsale_catalog_operation_duration_seconds_count{operation=\"hold\"}".to_owned(), 4.0),
    ];
    assert_series(&catalog, &expected).await;
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_statement_that_waits_for_a_lock_and_one_that_has_no_connection_are_told_apart(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let arguments = [
        "--upkeep=false",
        "--database-connections=1",
        "--lock-timeout-ms=300",
        "--call-timeout-ms=20000",
        "--database-timeout-ms=20000",
    ];
    let catalog = Running::start_with(&database_url(&pool), &arguments).await;
    catalog.until_ready_is(true).await;
    let seller = Seller::new(&catalog, ours).await;
    seller.hold("ada", &[1]).await;

    let mut lock = pool.begin().await.unwrap();
    let sql = "SELECT FROM seat_state WHERE schedule_id = $1 FOR UPDATE";
    sqlx::query(sql).bind(ours.1).execute(&mut *lock).await.unwrap();
    seller.try_hold("bob", &[2]).await.unwrap_err();
    assert_series(&catalog, &[(operations("hold", "busy"), 1.0), (statement("hold seats", "busy"), 1.0)])
        .await;
    let timeouts = "db_client_connection_timeouts_total";
    assert_eq!(catalog.metric(timeouts).await, Some(0.0));
    lock.rollback().await.unwrap();

    // What is only read waits for a table, and has the only connection meanwhile.
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE sale IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let first = seller.clone();
    let first = tokio::spawn(async move { first.get_sale("ada", &uuid::Uuid::nil().to_string()).await });
    until_waiting(&pool, 1).await;
    assert_eq!(catalog.metric("db_client_connection_count{state=\"used\"}").await, Some(1.0));
    let mut second = Request::new(ListHoldsRequest { buyer: Some(user("ada")) });
    second.set_timeout(Duration::from_millis(200));
    seller.client.clone().list_holds(second).await.unwrap_err();
    catalog.until_metric(timeouts, |timeouts| timeouts >= 1.0).await;
    assert_series(&catalog, &[(statement("list holds", "abandoned"), 1.0)]).await;
    lock.rollback().await.unwrap();
    first.await.unwrap().unwrap_err();
    assert_series(&catalog, &[(statement("get sale", ""), 1.0)]).await;
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn seats_are_told_by_concert_and_how_they_stand(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let seats = |state| format!("onsale_catalog_seats{{concert=\"{}\",state=\"{state}\"}}", ours.0);
    assert_series(&catalog, &[("onsale_catalog_seat_view_watched".to_owned(), 0.0)]).await;
    assert_eq!(catalog.metric(&seats("available")).await, None, "nobody watches");

    let seller = Seller::new(&catalog, ours).await;
    seller.hold("ada", &[1, 2]).await;
    let sold = seller.hold("bob", &[3]).await;
    seller.confirm("bob", &sold, "o").await.unwrap();
    let house = HouseSeatsRequest {
        concert_id: ours.0.cast_unsigned(),
        schedule_id: ours.1.cast_unsigned(),
        seat_nos: vec![600],
    };
    seller.client.clone().block(house).await.unwrap();
    let watched = vec![WatchedSchedule { schedule_id: ours.1.cast_unsigned(), known: None }];
    let mut views = SeatViewServiceClient::new(catalog.channel().await);
    views.refresh_seats(RefreshSeatsRequest { watched }).await.unwrap();
    let expected = [("available", 596.0), ("held", 2.0), ("sold", 1.0), ("blocked", 1.0)];
    for (state, count) in expected {
        catalog.until_metric(&seats(state), |seats| (seats - count).abs() < 0.5).await;
    }
    assert_series(&catalog, &[("onsale_catalog_seat_view_watched".to_owned(), 1.0)]).await;
    catalog.until_metric(&statement("seat news", ""), |asked| asked >= 1.0).await;
    assert!(catalog.metric("onsale_catalog_seat_view_age_seconds").await.unwrap() < 60.0);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn how_far_sweeping_is_behind_is_told(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let catalog =
        Running::start_with(&database_url(&pool), &["--hold-seconds=1", "--hold-cap-seconds=1"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let lag = "onsale_catalog_sweep_lag_seconds";
    catalog.until_metric(lag, |lag| lag == 0.0).await;
    let mut lock = pool.begin().await.unwrap();
    let hold = seller.hold("ada", &[1]).await;
    let sql = "SELECT FROM hold WHERE id = $1::uuid FOR UPDATE";
    sqlx::query(sql).bind(&hold.hold_id).execute(&mut *lock).await.unwrap();
    catalog.until_metric(lag, |lag| lag > 0.5).await;
    assert_series(&catalog, &[("onsale_catalog_holds_ended_total".to_owned(), 0.0)]).await;
    lock.rollback().await.unwrap();
    catalog.until_metric(lag, |lag| lag == 0.0).await;
    assert_series(&catalog, &[("onsale_catalog_holds_ended_total".to_owned(), 1.0)]).await;
    catalog.stop().await.unwrap();
}
