//! How settings of a kind that every program has are read, for clap's `value_parser`.
//!
//! The texts of errors end up behind `wrong value for ONSALE_…:`.

use std::{ops::RangeInclusive, time::Duration};

/// Whole seconds, 1 to a year.
///
/// # Errors
/// What the text should have been.
pub fn seconds(text: &str) -> Result<Duration, String> {
    whole(text, 1..=31_536_000).map(Duration::from_secs)
}

/// Whole milliseconds, 1 to an hour.
///
/// # Errors
/// What the text should have been.
pub fn milliseconds(text: &str) -> Result<Duration, String> {
    whole(text, 1..=3_600_000).map(Duration::from_millis)
}

fn whole(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let number: u64 = text.parse().map_err(|_| "not a whole number".to_owned())?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(format!("not between {} and {}", range.start(), range.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_and_in_bounds() {
        assert_eq!(milliseconds("250"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("60"), Ok(Duration::from_mins(1)));
        assert_eq!(milliseconds("1.5"), Err("not a whole number".to_owned()));
        assert_eq!(milliseconds("0"), Err("not between 1 and 3600000".to_owned()));
        assert_eq!(seconds("31536001"), Err("not between 1 and 31536000".to_owned()));
    }
}
