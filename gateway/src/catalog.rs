//! Concerts and schedules as the gateway reads them.
//!
//! The gateway keeps none of it: each value is what the catalog service said when it was asked.

/// A show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Concert {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) performer: String,
    pub(crate) venue: String,
    /// When the first and the last schedule begin, Unix time in milliseconds; absent when there is none.
    pub(crate) first_at_ms: Option<i64>,
    pub(crate) last_at_ms: Option<i64>,
}

/// A page of a list, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Absent on the last page.
    pub(crate) next_cursor: Option<String>,
}

/// Which page is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PageQuery {
    /// At most so many; absent for the catalog's own number.
    pub(crate) limit: Option<u32>,
    pub(crate) cursor: Option<String>,
}

/// Which schedules of a concert are wanted. Instants are Unix time in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScheduleQuery {
    pub(crate) concert: u64,
    /// Those that begin at or after this.
    pub(crate) from_ms: Option<i64>,
    /// Those that begin before this.
    pub(crate) to_ms: Option<i64>,
    pub(crate) page: PageQuery,
}

/// One dated performance of a concert. Instants are Unix time in milliseconds, prices in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) id: u64,
    pub(crate) starts_at_ms: i64,
    pub(crate) sale_opens_at_ms: i64,
    pub(crate) sale_closes_at_ms: i64,
    pub(crate) total_seats: u32,
    pub(crate) available_seats: u32,
    pub(crate) lowest_price: i64,
    pub(crate) highest_price: i64,
    /// ISO 4217.
    pub(crate) currency: String,
}
