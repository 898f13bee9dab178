use uuid::Uuid;

use super::{
    answer::{AnswerQuery, SaleDone},
    connect::PostgresStore,
    hold::owned,
    statement::Statement,
};
use crate::{
    domain::{OrderRef, OwnHold, OwnSale, SaleAnswer},
    store::SalesError,
};

/// Sells a hold's seats.
pub(super) async fn confirm(
    store: &PostgresStore,
    own: OwnHold,
    order: OrderRef,
) -> Result<SaleAnswer, SalesError> {
    let query = owned("SELECT confirm_hold($1, $2, $3, $4, $5, $6)::text", &own)
        .bind(Uuid::now_v7())
        .bind(order.as_str().to_owned());
    answer(store, "confirm hold", query).await
}

/// A sale as it stands.
pub(super) async fn get(store: &PostgresStore, own: OwnSale) -> Result<SaleAnswer, SalesError> {
    let query = sqlx::query_as("SELECT get_sale($1, $2)::text")
        .bind(own.buyer.stored())
        .bind(Uuid::from_u128(own.sale.0));
    answer(store, "get sale", query).await
}

/// Takes a sale back.
pub(super) async fn cancel(store: &PostgresStore, own: OwnSale) -> Result<SaleAnswer, SalesError> {
    let query = sqlx::query_as("SELECT cancel_sale($1, $2)::text")
        .bind(own.buyer.stored())
        .bind(Uuid::from_u128(own.sale.0));
    answer(store, "cancel sale", query).await
}

async fn answer(
    store: &PostgresStore,
    name: &'static str,
    query: AnswerQuery<'_>,
) -> Result<SaleAnswer, SalesError> {
    store.told::<SaleDone>(Statement { name, table: "sale" }, query).await?.into_answer()
}
