use crate::{
    domain::{Layout, LayoutId},
    reading::{ReadingError, Subject},
    store::SeatViewStore,
};

/// The places of the hall of that id.
pub async fn get_layout(store: &dyn SeatViewStore, id: LayoutId) -> Result<Layout, ReadingError> {
    store.layout(id).await?.ok_or(ReadingError::NotFound(Subject::Layout))
}
