use super::{ReadingError, Subject};
use crate::{
    domain::{Concert, ConcertId},
    store::CatalogStore,
};

/// The concert of that id.
pub async fn get_concert(store: &dyn CatalogStore, id: ConcertId) -> Result<Concert, ReadingError> {
    store.concert(id).await?.ok_or(ReadingError::NotFound(Subject::Concert))
}
