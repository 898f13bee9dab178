//! The ids of what the catalog keeps: 1 to 2⁶³−1, the positive half of what the store can hold.

use std::fmt;

use thiserror::Error;

/// An id is 0, negative, or greater than 2⁶³−1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be between 1 and 9223372036854775807")]
pub struct IdOutOfRange;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The id as the store has it: 1 or greater.
            #[must_use]
            pub fn stored(self) -> i64 {
                self.0
            }

            /// The id as the contracts have it: 1 to 2⁶³−1.
            #[must_use]
            pub fn value(self) -> u64 {
                self.0.unsigned_abs()
            }
        }

        impl TryFrom<i64> for $name {
            type Error = IdOutOfRange;

            fn try_from(value: i64) -> Result<Self, IdOutOfRange> {
                if value >= 1 { Ok(Self(value)) } else { Err(IdOutOfRange) }
            }
        }

        impl TryFrom<u64> for $name {
            type Error = IdOutOfRange;

            fn try_from(value: u64) -> Result<Self, IdOutOfRange> {
                i64::try_from(value).map_err(|_| IdOutOfRange)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Names a concert.
    ConcertId
}

id! {
    /// Names a schedule, among the schedules of all concerts.
    ScheduleId
}

id! {
    /// Names a hall as it is numbered.
    LayoutId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_positive_and_fits_the_store() {
        assert_eq!(ConcertId::try_from(0_u64), Err(IdOutOfRange));
        assert_eq!(ConcertId::try_from(-1_i64), Err(IdOutOfRange));
        assert_eq!(ConcertId::try_from(1_u64 << 63), Err(IdOutOfRange));
        assert_eq!(ConcertId::try_from(u64::MAX), Err(IdOutOfRange));
        assert_eq!(ConcertId::try_from(1_u64).map(ConcertId::value), Ok(1));
        assert_eq!(ScheduleId::try_from((1_u64 << 63) - 1).map(ScheduleId::stored), Ok(i64::MAX));
    }
}
