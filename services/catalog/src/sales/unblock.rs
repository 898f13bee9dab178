use super::SalesError;
use crate::{
    domain::HouseSeatsAnswer,
    store::{HouseSeats, HouseSeatsStore},
};

/// Gives seats free that the house keeps back.
pub async fn unblock(
    store: &dyn HouseSeatsStore,
    request: HouseSeats,
) -> Result<HouseSeatsAnswer, SalesError> {
    store.unblock(request).await
}
