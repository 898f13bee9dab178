use super::SalesError;
use crate::{
    domain::{HoldAnswer, HoldTimes, OwnHold},
    store::SalesStore,
};

/// Begins payment: the end of the hold moves once, to the payment deadline.
pub async fn check_out(
    store: &dyn SalesStore,
    times: HoldTimes,
    own: OwnHold,
) -> Result<HoldAnswer, SalesError> {
    store.check_out(own, times.payment()).await
}
