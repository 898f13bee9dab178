//! A range of starting times, and the times that can be asked about.

use time::OffsetDateTime;

use super::{Invalid, Problem};

/// The first millisecond of year 0 and the last of year 9999: what RFC 3339 can write.
const UNIX_MS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Starting times from `from` up to, not including, `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StartRange {
    from: Option<OffsetDateTime>,
    to: Option<OffsetDateTime>,
}

impl StartRange {
    /// A range; without `from` it begins now, without `to` it does not end.
    ///
    /// # Errors
    /// Names `from_ms` when it is after `to`. The two may be equal: such a range is empty.
    pub fn new(from: Option<OffsetDateTime>, to: Option<OffsetDateTime>) -> Result<Self, Invalid> {
        match (from, to) {
            (Some(first), Some(end)) if first > end => {
                Err(Invalid { field: "from_ms", problem: Problem::AfterEnd })
            }
            _ => Ok(Self { from, to }),
        }
    }

    /// The first instant of the range, if it is not now.
    #[must_use]
    pub fn from(&self) -> Option<OffsetDateTime> {
        self.from
    }

    /// The end of the range, if it has one.
    #[must_use]
    pub fn to(&self) -> Option<OffsetDateTime> {
        self.to
    }
}

/// The instant `ms` milliseconds after 1970.
///
/// # Errors
/// Names `field` when that is not in the years 0 to 9999.
pub fn instant_from_unix_ms(ms: i64, field: &'static str) -> Result<OffsetDateTime, Invalid> {
    let invalid = Invalid { field, problem: Problem::Time };
    if !UNIX_MS.contains(&ms) {
        return Err(invalid);
    }
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).map_err(|_| invalid)
}

/// How many whole milliseconds after 1970 an instant is.
#[must_use]
pub fn unix_ms(instant: OffsetDateTime) -> i64 {
    instant.unix_timestamp() * 1000 + i64::from(instant.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instant_of_the_range_goes_there_and_back(ms in UNIX_MS) {
            let instant = instant_from_unix_ms(ms, "from_ms").expect("in range");
            prop_assert_eq!(unix_ms(instant), ms);
        }
    }

    #[test]
    fn instants_outside_the_years_are_refused_by_name() {
        for ms in [i64::MIN, *UNIX_MS.start() - 1, *UNIX_MS.end() + 1, i64::MAX] {
            assert_eq!(
                instant_from_unix_ms(ms, "to_ms"),
                Err(Invalid { field: "to_ms", problem: Problem::Time })
            );
        }
    }

    #[test]
    fn a_range_may_be_empty_but_not_backwards() {
        let (early, late) = (OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH + time::Duration::DAY);
        assert!(StartRange::new(Some(early), Some(early)).is_ok());
        assert!(StartRange::new(Some(early), None).is_ok());
        assert_eq!(
            StartRange::new(Some(late), Some(early)),
            Err(Invalid { field: "from_ms", problem: Problem::AfterEnd })
        );
    }
}
