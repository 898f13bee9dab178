//! The port of selling, on Postgres: each operation is one function there, hence one round trip and one transaction.

use async_trait::async_trait;
use time::Duration;

use super::{connect::PostgresStore, hold, sale};
use crate::{
    domain::{Buyer, Hold, HoldAnswer, Keyed, OrderRef, OwnHold, OwnSale, SaleAnswer},
    store::{HoldSeats, SalesError, SalesStore},
};

#[async_trait]
impl SalesStore for PostgresStore {
    async fn hold_seats(&self, request: HoldSeats) -> Result<HoldAnswer, SalesError> {
        hold::hold_seats(self, request).await
    }

    async fn kept_hold(&self, buyer: Buyer, keyed: Keyed) -> Result<HoldAnswer, SalesError> {
        hold::kept(self, buyer, keyed).await
    }

    async fn hold(&self, own: OwnHold) -> Result<Hold, SalesError> {
        hold::get(self, own).await
    }

    async fn holds(&self, buyer: Buyer, limit: u32) -> Result<Vec<Hold>, SalesError> {
        hold::list(self, buyer, limit).await
    }

    async fn extend(&self, own: OwnHold, extension: Duration) -> Result<HoldAnswer, SalesError> {
        hold::extend(self, own, extension).await
    }

    async fn check_out(&self, own: OwnHold, payment: Duration) -> Result<HoldAnswer, SalesError> {
        hold::check_out(self, own, payment).await
    }

    async fn release(&self, own: OwnHold) -> Result<HoldAnswer, SalesError> {
        hold::release(self, own).await
    }

    async fn confirm(&self, own: OwnHold, order: OrderRef) -> Result<SaleAnswer, SalesError> {
        sale::confirm(self, own, order).await
    }

    async fn sale(&self, own: OwnSale) -> Result<SaleAnswer, SalesError> {
        sale::get(self, own).await
    }

    async fn cancel(&self, own: OwnSale) -> Result<SaleAnswer, SalesError> {
        sale::cancel(self, own).await
    }
}
