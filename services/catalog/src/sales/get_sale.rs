use super::SalesError;
use crate::{
    domain::{OwnSale, SaleAnswer},
    store::SalesStore,
};

/// A sale as it stands.
pub async fn get_sale(store: &dyn SalesStore, own: OwnSale) -> Result<SaleAnswer, SalesError> {
    store.sale(own).await
}
