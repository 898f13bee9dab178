//! How long a call may take: as long as its caller waits, and no longer than the service allows.

use std::time::Duration;

use tonic::metadata::MetadataMap;

/// What is taken off the caller's own deadline, so that the answer still arrives.
const MARGIN: Duration = Duration::from_millis(10);

/// The time for a call: what `grpc-timeout` leaves, at most `longest`.
pub(super) fn of_call(metadata: &MetadataMap, longest: Duration) -> Duration {
    let timeout = metadata.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse);
    timeout.map_or(longest, |timeout| timeout.saturating_sub(MARGIN).min(longest))
}

/// Reads at most eight digits and a unit, as the gRPC protocol has them.
fn parse(timeout: &str) -> Option<Duration> {
    let (digits, unit) = timeout.split_at_checked(timeout.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount = digits.parse::<u64>().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(timeout: &str) -> Duration {
        let mut metadata = MetadataMap::new();
        metadata.insert("grpc-timeout", timeout.parse().expect("ascii"));
        of_call(&metadata, Duration::from_secs(3))
    }

    #[test]
    fn the_shorter_of_both_deadlines_counts() {
        assert_eq!(of_call(&MetadataMap::new(), Duration::from_secs(3)), Duration::from_secs(3));
        assert_eq!(with("500m"), Duration::from_millis(490));
        assert_eq!(with("1H"), Duration::from_secs(3));
        assert_eq!(with("99999999H"), Duration::from_secs(3));
        assert_eq!(with("5m"), Duration::ZERO);
    }

    #[test]
    fn what_is_no_timeout_is_not_one() {
        for text in ["", "m", "12", "123456789m", "-1S", "1x", "1.5S", "+5S"] {
            assert_eq!(with(text), Duration::from_secs(3), "{text}");
        }
    }
}
