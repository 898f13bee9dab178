//! Cursors: where a page ended and what was asked, so that a page of one list cannot be
//! continued in another.
//!
//! A cursor is its fields in a fixed order, big-endian, in base64url. It is opaque by contract
//! and not secret: a forged one can only begin a page somewhere else.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use super::{ConcertId, ConcertKey, Invalid, Problem, ScheduleId, ScheduleKey, ScheduleQuery};

const SCHEDULES: u8 = b's';
const CONCERTS: u8 = b'c';
const NO_INSTANT: i64 = i64::MIN;
/// Longer than the cursor after any concert's name.
const MAX_LENGTH: usize = 2048;

/// Where a page of concerts ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcertCursor(pub ConcertKey);

impl ConcertCursor {
    /// The cursor as callers see it.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = vec![CONCERTS];
        bytes.extend(self.0.id.stored().to_be_bytes());
        bytes.extend(self.0.name.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// Names `cursor` when it is not one of a page of concerts.
    pub fn decode(cursor: &str) -> Result<Self, Invalid> {
        let read = || {
            let bytes = bytes_of(cursor)?;
            let (&CONCERTS, rest) = bytes.split_first()? else { return None };
            let (id, name) = rest.split_first_chunk::<8>()?;
            let id = ConcertId::try_from(i64::from_be_bytes(*id)).ok()?;
            let name = String::from_utf8(name.to_vec()).ok()?;
            // The store's text cannot hold this character, so no name has it.
            (!name.contains('\0')).then_some(Self(ConcertKey { name, id }))
        };
        read().ok_or(Invalid { field: "cursor", problem: Problem::NotACursor })
    }
}

/// Where a page of schedules ended, and of which query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleCursor {
    query: ScheduleQuery,
    /// The last schedule of the page.
    pub after: ScheduleKey,
}

impl ScheduleCursor {
    /// The cursor of the page after this schedule.
    #[must_use]
    pub fn new(query: ScheduleQuery, after: ScheduleKey) -> Self {
        Self { query, after }
    }

    /// The cursor as callers see it.
    #[must_use]
    pub fn encode(&self) -> String {
        let fields = [
            self.query.concert.stored(),
            bound(self.query.starts.from()),
            bound(self.query.starts.to()),
            micros(self.after.starts_at),
            self.after.id.stored(),
        ];
        let mut bytes = vec![SCHEDULES];
        bytes.extend(fields.into_iter().flat_map(i64::to_be_bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Self::encode`] wrote, for the same query.
    ///
    /// # Errors
    /// Names `cursor` when it is not one of a page of schedules, or is one of another query.
    pub fn decode(cursor: &str, query: ScheduleQuery) -> Result<Self, Invalid> {
        let invalid = |problem| Invalid { field: "cursor", problem };
        let [concert, from, to, starts_at, id] = fields_of(cursor).ok_or(invalid(Problem::NotACursor))?;
        let asked = [query.concert.stored(), bound(query.starts.from()), bound(query.starts.to())];
        if [concert, from, to] != asked {
            return Err(invalid(Problem::ForeignCursor));
        }
        let starts_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(starts_at) * 1000);
        match (starts_at, ScheduleId::try_from(id)) {
            (Ok(starts_at), Ok(id)) if (0..=9999).contains(&starts_at.year()) => {
                Ok(Self::new(query, ScheduleKey { starts_at, id }))
            }
            _ => Err(invalid(Problem::NotACursor)),
        }
    }
}

fn bound(instant: Option<OffsetDateTime>) -> i64 {
    instant.map_or(NO_INSTANT, micros)
}

fn fields_of(cursor: &str) -> Option<[i64; 5]> {
    let bytes = bytes_of(cursor)?;
    let (&SCHEDULES, rest) = bytes.split_first()? else { return None };
    let (fields, []) = rest.as_chunks::<8>() else { return None };
    <[[u8; 8]; 5]>::try_from(fields).ok().map(|fields| fields.map(i64::from_be_bytes))
}

fn bytes_of(cursor: &str) -> Option<Vec<u8>> {
    if cursor.len() > MAX_LENGTH { None } else { URL_SAFE_NO_PAD.decode(cursor).ok() }
}

/// Microseconds after 1970: what the store's clock counts.
fn micros(instant: OffsetDateTime) -> i64 {
    instant.unix_timestamp() * 1_000_000 + i64::from(instant.microsecond())
}

#[cfg(test)]
mod tests;
