//! How many SQL statements a call costs, counted on the wire.

use std::sync::Arc;

use onsale_catalog::{
    domain::HoldTimes,
    grpc::{CatalogGrpc, SalesGrpc},
    metrics::SalesMetrics,
    store::postgres::{ConnectOptions, PostgresStore},
};
use onsale_grpc_server::Calls;
use onsale_proto::catalog::v1::{
    ConfirmRequest, ExtendRequest, GetConcertRequest, Hold, HoldKey, HoldRequest, ListConcertsRequest,
    ListHoldsRequest, ListSchedulesRequest, ListSeatsRequest, SaleKey, SeatFilter, SeatNumbers,
    catalog_service_server::CatalogService as _, hold_request::Seats,
    sales_service_server::SalesService as _,
};
use onsale_telemetry::Instruments;
use sqlx::PgPool;
use time::Duration;
use tonic::Request;

use crate::{
    fixture::{Change, Times, change, concert, hall, on_sale, schedule},
    link::Link,
    running::PATIENCE,
    selling::{confirmation, key, user},
};

/// A world of some size: the concert with the most schedules, and the schedule with the most seats.
async fn world(pool: &PgPool, concerts: usize, schedules: usize, seats: i32) -> (u64, u64) {
    let layout = hall(pool, &[("S", seats)]).await;
    let mut ours = 0;
    for _ in 0..concerts {
        ours = concert(pool, "c").await;
    }
    let mut id = 0;
    for _ in 0..schedules {
        id = schedule(pool, ours, layout, Times::on_sale(5000.0)).await;
        change(pool, id, 1, Change::Hold(-1.0)).await;
    }
    (ours.cast_unsigned(), id.cast_unsigned())
}

/// What each call costs, the failures included.
async fn costs(
    link: &Link,
    catalog: &CatalogGrpc,
    (concert_id, schedule_id): (u64, u64),
) -> Vec<(&'static str, u64)> {
    let mut costs = Vec::new();
    let all =
        ListSeatsRequest { concert_id, schedule_id, filter: SeatFilter::All.into(), ..Default::default() };
    let schedules = ListSchedulesRequest { concert_id, ..Default::default() };
    let known = catalog.list_seats(Request::new(all.clone())).await.unwrap().into_inner().version;
    macro_rules! cost {
        ($name:literal, $call:ident, $request:expr, $right:expr) => {{
            let before = link.executed();
            let outcome = catalog.$call(Request::new($request)).await;
            assert_eq!(outcome.is_ok(), $right, "{} {:?}", $name, outcome.err());
            costs.push(($name, link.executed() - before));
        }};
    }
    let none = 1 << 40;
    cost!("concerts", list_concerts, ListConcertsRequest::default(), true);
    cost!("concert", get_concert, GetConcertRequest { concert_id }, true);
    cost!("no concert", get_concert, GetConcertRequest { concert_id: none }, false);
    cost!("schedules", list_schedules, schedules.clone(), true);
    cost!("schedules, page", list_schedules, ListSchedulesRequest { limit: 1, ..schedules.clone() }, true);
    cost!("no schedules", list_schedules, ListSchedulesRequest { concert_id: none, ..schedules }, false);
    cost!("seats", list_seats, all.clone(), true);
    cost!("seats, known", list_seats, ListSeatsRequest { known_version: known, ..all.clone() }, true);
    cost!("seats, unknown", list_seats, ListSeatsRequest { known_version: "x".into(), ..all.clone() }, true);
    cost!("seats, section", list_seats, ListSeatsRequest { section: "S".into(), ..all.clone() }, true);
    cost!("no section", list_seats, ListSeatsRequest { section: "T".into(), ..all.clone() }, false);
    cost!("no schedule", list_seats, ListSeatsRequest { schedule_id: none, ..all }, false);
    costs
}

#[sqlx::test]
async fn every_call_costs_one_statement_whatever_the_size(pool: PgPool) {
    let link = Link::to(&pool, true).await;
    let connect = ConnectOptions::parse(link.database_url(), 1, PATIENCE).unwrap();
    let calls = Arc::new(Calls::new(1, PATIENCE, &Instruments::unread()));
    // Without a server around it, nothing else asks the store anything.
    let catalog = CatalogGrpc::new(Arc::new(PostgresStore::new(&connect)), calls);
    for (concerts, schedules, seats) in [(1, 1, 1), (30, 20, 1500)] {
        let world = world(&pool, concerts, schedules, seats).await;
        for (call, cost) in costs(&link, &catalog, world).await {
            assert_eq!(cost, 1, "{call} of {concerts} concerts, {schedules} schedules, {seats} seats");
        }
    }
}

/// What each operation on seats costs, beginning with a hold.
async fn sales_costs(link: &Link, sales: &SalesGrpc, hold: HoldRequest) -> Vec<(&'static str, u64)> {
    let mut costs = Vec::new();
    macro_rules! cost {
        ($name:literal, $call:ident, $request:expr, $right:expr) => {{
            let before = link.executed();
            let outcome = sales.$call(Request::new($request)).await;
            assert_eq!(outcome.is_ok(), $right, "{} {:?}", $name, outcome.err());
            costs.push(($name, link.executed() - before));
            outcome.map(tonic::Response::into_inner)
        }};
    }
    let buyer = || Some(user("ada"));
    let first: Hold = cost!("hold", hold, hold.clone(), true).unwrap().hold.unwrap();
    let own: HoldKey = key("ada", &first);
    let extend = ExtendRequest { buyer: buyer(), hold_id: first.hold_id.clone(), ..Default::default() };
    let confirm: ConfirmRequest = confirmation("ada", &first, "o");
    cost!("hold again", hold, hold.clone(), true).unwrap();
    cost!("kept hold", hold, HoldRequest { kept_answer_only: true, ..hold.clone() }, true).unwrap();
    cost!("taken", hold, HoldRequest { idempotency_key: String::new(), ..hold }, false).unwrap_err();
    cost!("get hold", get_hold, own.clone(), true).unwrap();
    cost!("list holds", list_holds, ListHoldsRequest { buyer: buyer() }, true).unwrap();
    cost!("extend", extend, extend.clone(), true).unwrap();
    cost!("check out", check_out, own.clone(), true).unwrap();
    let sale = cost!("confirm", confirm, confirm.clone(), true).unwrap().sale.unwrap();
    cost!("confirm again", confirm, confirm, true).unwrap();
    cost!("release", release, own, false).unwrap_err();
    let sold = SaleKey { buyer: buyer(), sale_id: sale.sale_id };
    cost!("get sale", get_sale, sold.clone(), true).unwrap();
    cost!("cancel", cancel, sold.clone(), true).unwrap();
    cost!("cancel again", cancel, sold, true).unwrap();
    costs
}

#[sqlx::test]
async fn every_operation_on_seats_costs_one_statement_whatever_the_size(pool: PgPool) {
    let link = Link::to(&pool, true).await;
    let connect = ConnectOptions::parse(link.database_url(), 1, PATIENCE).unwrap();
    let calls = Arc::new(Calls::new(1, PATIENCE, &Instruments::unread()));
    let minute = Duration::MINUTE;
    let times = HoldTimes::new(minute, minute, minute, minute).unwrap();
    let metrics = SalesMetrics::new(&Instruments::unread());
    let sales = SalesGrpc::new(Arc::new(PostgresStore::new(&connect)), times, calls, metrics);
    for (seats, step) in [(1_u32, 1), (8000, 1000)] {
        let (concert, schedule) = on_sale(&pool, seats.cast_signed()).await;
        let seat_nos = (0..seats / step).map(|seat| 1 + seat * step).collect();
        let hold = HoldRequest {
            buyer: Some(user("ada")),
            concert_id: concert.cast_unsigned(),
            schedule_id: schedule.cast_unsigned(),
            seats: Some(Seats::Named(SeatNumbers { seat_nos })),
            idempotency_key: format!("{seats} seats"),
            kept_answer_only: false,
        };
        for (call, cost) in sales_costs(&link, &sales, hold).await {
            assert_eq!(cost, 1, "{call} of {seats} seats");
        }
    }
}
