//! A concert: a show, whatever its dates.

use time::OffsetDateTime;

use super::ConcertId;

/// A show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concert {
    /// Its id.
    pub id: ConcertId,
    /// What it is called.
    pub name: String,
    /// Who plays.
    pub performer: String,
    /// Where.
    pub venue: String,
    /// When its first and its last schedule begin; none without schedules.
    pub dates: Option<(OffsetDateTime, OffsetDateTime)>,
}

/// A concert's place in the order by name, then id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcertKey {
    /// What it is called.
    pub name: String,
    /// Its id.
    pub id: ConcertId,
}

impl Concert {
    /// The concert's place in the order of the list.
    #[must_use]
    pub fn key(&self) -> ConcertKey {
        ConcertKey { name: self.name.clone(), id: self.id }
    }
}
