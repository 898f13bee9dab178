use serde::{Deserialize, Serialize};

/// The search for the highest rate that holds: `capacity.json`, written after each step, so that a search goes on where it
/// was cut off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The name of the search, and of its folder.
    pub test_id: String,
    /// What was asked: `token`, `journey`.
    pub endpoint: String,
    /// `k6` or `oha`.
    pub generator: String,
    /// Seconds of a step that are measured.
    pub seconds: f64,
    /// How often the highest rate is to be repeated.
    pub repeats: usize,
    /// Every step, in order.
    pub steps: Vec<Step>,
    /// What was found; `None` while the search goes on.
    pub found: Option<Found>,
    /// What did not allow more, where that is known.
    pub bound_by: Option<BoundBy>,
}

/// One run at one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it was for.
    pub phase: Phase,
    /// Iterations a second that were offered.
    pub rate: f64,
    /// What came of it.
    pub measured: Measured,
}

/// What a step was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Each rate twice that of before, up to the knee.
    Ramp,
    /// Each rate a tenth higher, from the highest of the ramp that held.
    Staircase,
    /// Between the highest that held and the lowest above it that did not.
    Bisect,
    /// The highest that held, again.
    Repeat,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The run's name, and its folder's.
    pub test_id: String,
    /// Whether the rate held.
    pub outcome: Held,
    /// Iterations a second that were done, where that is known.
    pub achieved: Option<f64>,
    /// The greatest p(95) of the calls that the run is about, in milliseconds.
    pub p95_ms: Option<f64>,
    /// The greatest p(99) of them.
    pub p99_ms: Option<f64>,
}

/// Whether a rate held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Held {
    /// Everything that was promised was kept.
    Held,
    /// The system did not keep something.
    Failed {
        /// What.
        why: String,
        /// Whether it is something that always has to hold, which no repetition excuses.
        is_invariant: bool,
    },
    /// The machine's host took too much of it, so that the run says nothing, neither of the system nor of the generator.
    Disturbed {
        /// What was late.
        why: String,
    },
    /// The run is not valid, so that it says nothing about the system.
    GeneratorGaveUp {
        /// Why not.
        why: String,
    },
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Found {
    /// The highest rate that holds.
    Highest {
        /// What was offered.
        rate: f64,
        /// Whether the system may bear more, and it was the generator that did not, or the search was not to go higher.
        is_at_least: bool,
        /// How many of the repetitions held.
        held: usize,
        /// How many there were.
        repeats: usize,
        /// Iterations a second that were done in them.
        achieved: Option<Spread>,
        /// Their p(99), in milliseconds.
        p99_ms: Option<Spread>,
    },
    /// No rate held.
    None {
        /// Why none did.
        why: String,
    },
}

/// Several values of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
}

/// What did not allow more than was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundBy {
    /// In a sentence.
    pub sentence: String,
    /// The share of the machine's processors that worked: at the rate that was found, and at the lowest that did not hold.
    pub machine_busy: Use,
    /// How many processors the machine has.
    pub processors: usize,
    /// Who used how many of them, the greatest first.
    pub processes: Vec<ProcessUse>,
}

/// What a process used; copies of one program are one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessUse {
    /// Whose: `gateway`, `postgres`, `k6`.
    pub name: String,
    /// Processors.
    pub processors: Use,
}

/// Something at two rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// At the rate that was found; `None` where nobody knows.
    pub found: Option<f64>,
    /// At the lowest rate above it that did not hold.
    pub above: Option<f64>,
}

impl Held {
    /// Whether the step says anything about the system.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        matches!(self, Self::Held | Self::Failed { .. })
    }
}

impl Spread {
    /// Of values, of which there is at least one.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let is_odd = values.len() % 2 == 1;
        let median = if is_odd { upper } else { f64::midpoint(upper, *values.get(middle.checked_sub(1)?)?) };
        Some(Self { median, lowest: *values.first()?, highest: *values.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!(Spread::of([4.0, 1.0, 2.0]), Some(Spread { median: 2.0, lowest: 1.0, highest: 4.0 }));
        assert_eq!(Spread::of([4.0, 1.0]), Some(Spread { median: 2.5, lowest: 1.0, highest: 4.0 }));
        assert_eq!(Spread::of([f64::NAN]), None);
    }
}
