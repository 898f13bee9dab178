use super::SalesError;
use crate::{
    domain::HouseSeatsAnswer,
    store::{HouseSeats, HouseSeatsStore},
};

/// Keeps free seats back for the house, all of them or none.
pub async fn block(store: &dyn HouseSeatsStore, request: HouseSeats) -> Result<HouseSeatsAnswer, SalesError> {
    store.block(request).await
}
