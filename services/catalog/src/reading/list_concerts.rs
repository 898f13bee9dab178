use super::ReadingError;
use crate::{
    domain::{Concert, ConcertCursor, Page, PageLimit},
    store::CatalogStore,
};

/// Which page of all concerts is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConcerts {
    /// At most so many.
    pub limit: PageLimit,
    /// Where the page before ended; none for the first page.
    pub cursor: Option<String>,
}

/// A page of all concerts by name, then id.
pub async fn list_concerts(
    store: &dyn CatalogStore,
    question: ListConcerts,
) -> Result<Page<Concert>, ReadingError> {
    let after = question.cursor.as_deref().map(ConcertCursor::decode).transpose()?;
    let concerts = store.concerts(after.map(|cursor| cursor.0), question.limit.look_ahead()).await?;
    Ok(Page::cut(concerts, question.limit, |last| ConcertCursor(last.key()).encode()))
}
