use super::SalesError;
use crate::{
    domain::{OrderRef, OwnHold, SaleAnswer},
    store::SalesStore,
};

/// A hold to sell, and the order it is sold under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// The hold.
    pub own: OwnHold,
    /// The shop's own name for the order.
    pub order: OrderRef,
}

/// Sells all the seats of a hold. Again with the same order it is the same sale.
pub async fn confirm(store: &dyn SalesStore, request: Confirm) -> Result<SaleAnswer, SalesError> {
    store.confirm(request.own, request.order).await
}
