//! A seat: one numbered place in one performance, and how it stands.

use super::{Invalid, Problem};

/// How many seats share a version: see `block_version` in the migrations.
pub const SEATS_PER_BLOCK: u32 = 512;

/// A seat's number in its schedule: from 1, without gaps, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeatNo(pub u32);

/// How a seat stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeatStatus {
    /// Free, or held until an instant that has passed.
    Available,
    /// Kept for one buyer for now.
    Held,
    /// A confirmed hold.
    Sold,
    /// Kept back by the house.
    Blocked,
}

/// A seat as it stood when the store was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Its number.
    pub seat_no: SeatNo,
    /// How it stood.
    pub status: SeatStatus,
    /// What it costs, in minor units of the schedule's currency.
    pub price: i64,
    /// The part of the hall.
    pub section: String,
    /// The row within the section.
    pub row: String,
    /// What is printed on the ticket.
    pub label: String,
    /// The price tier.
    pub tier: String,
}

/// Which seats to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SeatFilter {
    /// Those that are available.
    #[default]
    Available,
    /// All of the schedule.
    All,
}

/// The name of a part of a hall: 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section(String);

impl Section {
    /// The longest name of a section, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// A section as the contract has it: empty stands for the whole hall.
    ///
    /// # Errors
    /// Names `section` when no hall could have one of this name.
    pub fn new(name: String) -> Result<Option<Self>, Invalid> {
        if name.chars().count() > Self::MAX_LENGTH {
            let problem = Problem::TooLong { max: Self::MAX_LENGTH };
            return Err(Invalid { field: "section", problem });
        }
        if name.contains('\0') {
            return Err(Invalid { field: "section", problem: Problem::UnknownValue });
        }
        Ok((!name.is_empty()).then_some(Self(name)))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_bounded_text_and_empty_is_the_whole_hall() {
        let name = |text: &str| {
            Section::new(text.to_owned())
                .map(|section| section.map(|section| section.as_str().to_owned()))
                .map_err(|invalid| invalid.field)
        };
        assert_eq!(name(""), Ok(None));
        assert_eq!(name("Block A"), Ok(Some("Block A".to_owned())));
        assert_eq!(name(&"ä".repeat(64)), Ok(Some("ä".repeat(64))));
        assert_eq!(name(&"ä".repeat(65)), Err("section"));
        assert_eq!(name("a\0b"), Err("section"));
    }
}
