use super::SalesError;
use crate::{
    domain::{Buyer, Hold},
    store::SalesStore,
};

/// At most so many holds are listed.
pub const MOST_HOLDS: u32 = 100;

/// A buyer's live holds, the soonest to end first.
pub async fn list_holds(store: &dyn SalesStore, buyer: Buyer) -> Result<Vec<Hold>, SalesError> {
    store.holds(buyer, MOST_HOLDS).await
}
