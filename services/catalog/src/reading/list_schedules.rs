use super::{ReadingError, Subject};
use crate::{
    domain::{Page, PageLimit, Schedule, ScheduleCursor, ScheduleQuery},
    store::CatalogStore,
};

/// Which page of which schedules is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSchedules {
    /// The concert and the range.
    pub query: ScheduleQuery,
    /// At most so many.
    pub limit: PageLimit,
    /// Where the page before ended, of the same query; none for the first page.
    pub cursor: Option<String>,
}

/// A page of a concert's bookable schedules by start, then id.
///
/// What is bookable is decided at the instant of each page, so a schedule that begins or sells
/// out between two pages is not in the second.
pub async fn list_schedules(
    store: &dyn CatalogStore,
    question: ListSchedules,
) -> Result<Page<Schedule>, ReadingError> {
    let ListSchedules { query, limit, cursor } = question;
    let after = cursor.map(|cursor| ScheduleCursor::decode(&cursor, query)).transpose()?;
    let schedules = store
        .bookable_schedules(query, after.map(|cursor| cursor.after), limit.look_ahead())
        .await?
        .ok_or(ReadingError::NotFound(Subject::Concert))?;
    Ok(Page::cut(schedules, limit, |last| ScheduleCursor::new(query, last.key()).encode()))
}
