use super::SalesError;
use crate::{
    domain::{HoldAnswer, OwnHold},
    store::SalesStore,
};

/// Gives the seats of a hold back. One that has ended or was released stays as it is.
pub async fn release(store: &dyn SalesStore, own: OwnHold) -> Result<HoldAnswer, SalesError> {
    store.release(own).await
}
