use super::SalesError;
use crate::{
    domain::{OwnSale, SaleAnswer},
    store::SalesStore,
};

/// Takes a sale back: its seats are free again. A sale that was cancelled stays as it is.
pub async fn cancel(store: &dyn SalesStore, own: OwnSale) -> Result<SaleAnswer, SalesError> {
    store.cancel(own).await
}
