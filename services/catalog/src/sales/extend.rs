use super::SalesError;
use crate::{
    domain::{HoldAnswer, HoldTimes, OwnHold},
    store::SalesStore,
};

/// Moves the end of a hold to now plus an extension, never past its cap and never back.
pub async fn extend(
    store: &dyn SalesStore,
    times: HoldTimes,
    own: OwnHold,
) -> Result<HoldAnswer, SalesError> {
    store.extend(own, times.extension()).await
}
