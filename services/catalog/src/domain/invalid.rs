//! What can be wrong with a question: which field, and how.

use thiserror::Error;

/// A field of a request that cannot be right, whatever the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// The field's name in the contract.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Problem {
    /// An id that is 0 or that no store can hold.
    #[error("must be between 1 and 9223372036854775807")]
    Id,
    /// A page longer than is served.
    #[error("must be between 1 and {max}, or 0 for the default")]
    Limit {
        /// The greatest that is served.
        max: u32,
    },
    /// A time outside the years 0 to 9999.
    #[error("must be a time in the years 0 to 9999, as unix time in milliseconds")]
    Time,
    /// A range that ends before it begins.
    #[error("must not be after the end of the range")]
    AfterEnd,
    /// A cursor that this service has not given out.
    #[error("is not a cursor of this method")]
    NotACursor,
    /// A cursor of a page of something else.
    #[error("belongs to another concert or range")]
    ForeignCursor,
    /// An enum value that the contract does not have.
    #[error("is not a known value")]
    UnknownValue,
    /// A name that is empty, too long, or has a character that no text has.
    #[error("must be 1 to {max} characters, none of them NUL")]
    Text {
        /// The greatest length.
        max: usize,
    },
    /// An id that is none.
    #[error("must be a UUID")]
    NotAUuid,
    /// None at all, or too many.
    #[error("must be 1 to {max}")]
    Count {
        /// The greatest number of them.
        max: usize,
    },
    /// A seat number that no hall has.
    #[error("must be between 1 and 2147483647 each")]
    SeatNo,
    /// The same more than once.
    #[error("must be different from each other")]
    Repeated,
    /// Something that cannot be left out.
    #[error("must be given")]
    Missing,
    /// The most that a hold may last is less than what it lasts at first.
    #[error("must not be shorter than a hold")]
    ShorterThanHold,
    /// More of them than one request may be about.
    #[error("must be at most {max}")]
    TooMany {
        /// The greatest number.
        max: usize,
    },
    /// A text longer than anything it could name.
    #[error("must be at most {max} characters")]
    TooLong {
        /// The greatest length.
        max: usize,
    },
}

impl Problem {
    /// What is wrong with a name that has to be 1 to `max` characters; none where it is right.
    pub(super) fn of_text(text: &str, max: usize) -> Option<Self> {
        let wrong = text.is_empty() || text.chars().count() > max || text.contains('\0');
        wrong.then_some(Self::Text { max })
    }
}
