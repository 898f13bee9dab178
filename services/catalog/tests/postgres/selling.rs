//! Calls of selling as a test makes them, and what comes back.

use onsale_proto::catalog::v1::{
    Buyer, ConfirmRequest, ExtendRequest, Hold, HoldAnswer, HoldKey, HoldRequest, ListHoldsRequest,
    SaleAnswer, SaleKey, SeatNumbers, buyer::Who, hold_request::Seats,
    sales_service_client::SalesServiceClient,
};
use sqlx::PgPool;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

use crate::running::Running;

pub(crate) fn user(name: &str) -> Buyer {
    Buyer { who: Some(Who::User(name.to_owned())) }
}

pub(crate) fn channel(name: &str) -> Buyer {
    Buyer { who: Some(Who::Channel(name.to_owned())) }
}

/// A client that sells the seats of one schedule.
#[derive(Clone)]
pub(crate) struct Seller {
    pub(crate) client: SalesServiceClient<Channel>,
    pub(crate) concert: i64,
    pub(crate) schedule: i64,
}

impl Seller {
    pub(crate) async fn new(catalog: &Running, (concert, schedule): (i64, i64)) -> Self {
        Self { client: SalesServiceClient::new(catalog.channel().await), concert, schedule }
    }

    /// The request of a hold of named seats without a key.
    pub(crate) fn request(&self, buyer: Buyer, seats: &[u32]) -> HoldRequest {
        HoldRequest {
            buyer: Some(buyer),
            concert_id: self.concert.cast_unsigned(),
            schedule_id: self.schedule.cast_unsigned(),
            seats: Some(Seats::Named(SeatNumbers { seat_nos: seats.to_vec() })),
            ..Default::default()
        }
    }

    pub(crate) async fn ask(&self, request: HoldRequest) -> Result<HoldAnswer, Status> {
        self.client.clone().hold(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn try_hold(&self, name: &str, seats: &[u32]) -> Result<HoldAnswer, Status> {
        self.ask(self.request(user(name), seats)).await
    }

    pub(crate) async fn hold(&self, name: &str, seats: &[u32]) -> Hold {
        self.try_hold(name, seats).await.expect("a hold").hold.expect("a hold")
    }

    pub(crate) async fn get(&self, name: &str, hold: &Hold) -> Result<Hold, Status> {
        let answer = self.client.clone().get_hold(key(name, hold)).await?.into_inner();
        Ok(answer.hold.expect("a hold"))
    }

    pub(crate) async fn list(&self, name: &str) -> Vec<Hold> {
        let request = ListHoldsRequest { buyer: Some(user(name)) };
        self.client.clone().list_holds(request).await.expect("a list").into_inner().holds
    }

    pub(crate) async fn extend(&self, name: &str, hold: &Hold) -> Result<HoldAnswer, Status> {
        let (buyer, hold_id) = (Some(user(name)), hold.hold_id.clone());
        let request = ExtendRequest { buyer, hold_id, ..Default::default() };
        self.client.clone().extend(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn check_out(&self, name: &str, hold: &Hold) -> Result<HoldAnswer, Status> {
        self.client.clone().check_out(key(name, hold)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn release(&self, name: &str, hold: &Hold) -> Result<HoldAnswer, Status> {
        self.client.clone().release(key(name, hold)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn confirm(&self, name: &str, hold: &Hold, order: &str) -> Result<SaleAnswer, Status> {
        let request = confirmation(name, hold, order);
        self.client.clone().confirm(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn get_sale(&self, name: &str, sale: &str) -> Result<SaleAnswer, Status> {
        self.client.clone().get_sale(sale_key(name, sale)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn cancel(&self, name: &str, sale: &str) -> Result<SaleAnswer, Status> {
        self.client.clone().cancel(sale_key(name, sale)).await.map(tonic::Response::into_inner)
    }
}

pub(crate) fn key(name: &str, hold: &Hold) -> HoldKey {
    HoldKey { buyer: Some(user(name)), hold_id: hold.hold_id.clone(), ..Default::default() }
}

pub(crate) fn confirmation(name: &str, hold: &Hold, order: &str) -> ConfirmRequest {
    ConfirmRequest {
        buyer: Some(user(name)),
        hold_id: hold.hold_id.clone(),
        order_ref: order.to_owned(),
        ..Default::default()
    }
}

fn sale_key(name: &str, sale: &str) -> SaleKey {
    SaleKey { buyer: Some(user(name)), sale_id: sale.to_owned() }
}

/// The reason of a refusal.
#[track_caller]
pub(crate) fn reason<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    let status = outcome.expect_err("a refusal");
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    let info = status.get_details_error_info().expect("details");
    assert_eq!(info.domain, "catalog.onsale");
    info.reason
}

/// A figure of a refusal.
pub(crate) fn figure(status: &Status, name: &str) -> String {
    status.get_details_error_info().expect("details").metadata.get(name).expect("a figure").clone()
}

/// What was not found.
#[track_caller]
pub(crate) fn missing<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    let status = outcome.expect_err("nothing");
    assert_eq!(status.code(), Code::NotFound, "{status:?}");
    status.get_details_resource_info().expect("details").resource_type
}

/// The status of each seat as stored, by number.
pub(crate) async fn statuses(pool: &PgPool, schedule: i64) -> Vec<i16> {
    sqlx::query_scalar("SELECT status FROM seat_state WHERE schedule_id = $1 ORDER BY seat_no")
        .bind(schedule)
        .fetch_all(pool)
        .await
        .expect("seats")
}

/// Version and free seats of each block.
pub(crate) async fn blocks(pool: &PgPool, schedule: i64) -> Vec<(i64, i32)> {
    sqlx::query_as("SELECT version, free_seats FROM block_version WHERE schedule_id = $1 ORDER BY block")
        .bind(schedule)
        .fetch_all(pool)
        .await
        .expect("blocks")
}
