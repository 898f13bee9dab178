use super::{ReadingError, Subject};
use crate::{
    domain::{ConcertId, ScheduleId, SeatFilter, SeatList, SeatsVersion, Section},
    store::{CatalogStore, FoundSeats, SeatsQuery},
};

/// Which seats of which schedule are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSeats {
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// Which of its seats.
    pub filter: SeatFilter,
    /// Only this part of the hall; none for all of it.
    pub section: Option<Section>,
    /// The version of an earlier answer to the same question.
    pub known_version: String,
}

/// The seats of a schedule, by number.
pub async fn list_seats(store: &dyn CatalogStore, question: ListSeats) -> Result<SeatList, ReadingError> {
    let known = SeatsVersion::decode(&question.known_version);
    let query = SeatsQuery {
        concert: question.concert,
        schedule: question.schedule,
        filter: question.filter,
        section: question.section,
        known: known.filter(|known| known.schedule == question.schedule),
    };
    match store.seats(query).await? {
        FoundSeats::Listed(list) => Ok(list),
        FoundSeats::NoSchedule => Err(ReadingError::NotFound(Subject::Schedule)),
        FoundSeats::NoSection => Err(ReadingError::NotFound(Subject::Section)),
    }
}
