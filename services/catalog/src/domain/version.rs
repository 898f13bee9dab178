//! The version of a schedule's seats: equal versions mean equal states, and prices.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::ScheduleId;

/// What the states of a schedule's seats are a function of.
///
/// Every write to seats adds to `versions`, and every read takes both sums in one statement of one
/// primary, so of two reads one is the later, and equal sums mean that nothing was written between
/// them. What still changes without a write is the end of holds, which only adds to `free`. The
/// `epoch` sets apart what was written before a restore or a failover took it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatsVersion {
    /// The schedule whose seats these are.
    pub schedule: ScheduleId,
    /// The store's epoch: when its server started, in microseconds after 1970.
    pub epoch: i64,
    /// The revision of the schedule and its prices.
    pub revision: i64,
    /// The sum of the schedule's block versions.
    pub versions: i64,
    /// How many of its seats are free.
    pub free: i64,
}

impl SeatsVersion {
    /// The version as callers see it: opaque.
    #[must_use]
    pub fn encode(&self) -> String {
        let fields = [self.schedule.stored(), self.epoch, self.revision, self.versions, self.free];
        URL_SAFE_NO_PAD.encode(fields.map(i64::to_be_bytes).as_flattened())
    }

    /// Reads what [`Self::encode`] wrote. None for any other text: whoever shows one has no
    /// version that could still be true.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let mut bytes = [0; 40];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        let (fields, []) = bytes.as_chunks::<8>() else { return None };
        let &[schedule, epoch, revision, versions, free] = fields else { return None };
        let [epoch, revision, versions, free] = [epoch, revision, versions, free].map(i64::from_be_bytes);
        let schedule = ScheduleId::try_from(i64::from_be_bytes(schedule)).ok()?;
        Some(Self { schedule, epoch, revision, versions, free })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_version_goes_there_and_back(
            schedule in 1..=i64::MAX, epoch: i64, revision: i64, versions: i64, free: i64,
        ) {
            let schedule = ScheduleId::try_from(schedule).expect("positive");
            let version = SeatsVersion { schedule, epoch, revision, versions, free };
            prop_assert_eq!(SeatsVersion::decode(&version.encode()), Some(version));
        }

        #[test]
        fn any_other_text_is_no_version(text in ".{0,80}") {
            let version = SeatsVersion::decode(&text);
            prop_assert!(version.is_none_or(|version| version.encode() == text));
        }
    }
}
