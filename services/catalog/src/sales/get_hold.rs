use super::SalesError;
use crate::{
    domain::{Hold, OwnHold},
    store::SalesStore,
};

/// A hold as it stands, also after its end.
pub async fn get_hold(store: &dyn SalesStore, own: OwnHold) -> Result<Hold, SalesError> {
    store.hold(own).await
}
