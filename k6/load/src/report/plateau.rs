use super::{Reading, submetric};
use crate::results::{Offered, Summary};

/// What was offered to one call, or to a run as a whole: iterations that begin at a rate, over one part or several that follow
/// one another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plateau<'a>(Vec<&'a Offered>);

impl<'a> Plateau<'a> {
    /// That of a call: the parts that have its name, or all of a run that is about this one call.
    pub(crate) fn of(reading: &'a Reading, call: &str) -> Option<Self> {
        let (offered, calls) = (&reading.run.offered, &reading.run.calls);
        let is_part = |offered: &Offered| {
            let rest = offered.scenario.strip_prefix(call);
            rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('_').is_some_and(is_number))
        };
        let own: Vec<&Offered> = offered.iter().filter(|offered| is_part(offered)).collect();
        let is_only = calls.iter().all(|other| other == call) && !calls.is_empty();
        let all = || if is_only { offered.iter().collect() } else { Vec::new() };
        Some(if own.is_empty() { all() } else { own }).filter(|parts| !parts.is_empty()).map(Self)
    }

    /// That of a run as a whole, where no call has one of its own.
    pub(crate) fn of_run(reading: &'a Reading) -> Option<Self> {
        let is_of_calls = reading.run.calls.iter().any(|call| Self::of(reading, call).is_some());
        (!is_of_calls && !reading.run.offered.is_empty()).then(|| Self(reading.run.offered.iter().collect()))
    }

    /// For how long.
    pub(crate) fn seconds(&self) -> f64 {
        self.0.iter().map(|part| part.seconds).sum::<f64>().max(f64::MIN_POSITIVE)
    }

    /// Iterations a second, over all parts.
    pub(crate) fn offered(&self) -> f64 {
        self.0.iter().map(|part| part.rate * part.seconds).sum::<f64>() / self.seconds()
    }

    /// A count of the generator, over all parts; `None` where it tells of none of them.
    pub(crate) fn count(&self, summary: &Summary, metric: &str) -> Option<f64> {
        let counts = self.0.iter().filter_map(|part| {
            submetric::value(summary, metric, &[("scenario", part.scenario.as_str())], "count")
        });
        counts.reduce(|sum, count| sum + count)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_digit())
}
