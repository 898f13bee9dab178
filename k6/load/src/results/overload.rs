use serde::{Deserialize, Serialize};

/// What came of more load than the system bears: `overload.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overload {
    /// The call.
    pub endpoint: String,
    /// Requests a second that the system bears, as the caller said.
    pub capacity: f64,
    /// How many times that was offered.
    pub factor: f64,
    /// Milliseconds within which an answer is of use: what is promised of 99 %.
    pub in_time_ms: f64,
    /// Half of the capacity, before.
    pub before: Part,
    /// The overload, from its first request on.
    pub during: Part,
    /// Half of the capacity again, from the overload's end on.
    pub after: Part,
    /// The overload as a probe met it, which is part of the load and has little to do; `None` where one generator makes all of the load.
    #[serde(default)]
    pub probed: Option<Part>,
    /// Seconds from the overload's end until for a second all is well again; `None` where that was not seen.
    pub recovered_seconds: Option<f64>,
    /// Refusals that were read, of requests besides the load.
    pub refusals_read: usize,
    /// How many of them did not say when to come back.
    pub refusals_without_time: usize,
    /// All of it, in steps.
    pub course: Vec<Moment>,
}

impl Overload {
    /// Percent of the capacity that was answered in time in the overload.
    #[must_use]
    pub fn in_time_percent(&self) -> Option<f64> {
        (self.capacity > 0.0).then(|| 100.0 * self.during.good / self.capacity)
    }

    /// Milliseconds within which 99 % of refusals came in the overload: to the probe where there is one, since what a generator with much
    /// to do notes of waits is also its own.
    #[must_use]
    pub fn refused_p99_ms(&self) -> Option<f64> {
        self.probed.unwrap_or(self.during).refused_p99_ms
    }
}

/// What came of the requests of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// How long it was.
    pub seconds: f64,
    /// Requests that were due, a second.
    pub due: f64,
    /// Requests that were made and answered, a second.
    pub answered: f64,
    /// Answers that were of use, in time, a second.
    pub good: f64,
    /// Answers that came too late, a second.
    pub late: f64,
    /// Requests that were told to come back, a second.
    pub refused: f64,
    /// Requests that failed otherwise or were never answered, a second.
    pub failed: f64,
    /// Milliseconds that half of the answers of use and the late ones took.
    pub p50_ms: Option<f64>,
    /// Milliseconds that 99 % of them took.
    pub p99_ms: Option<f64>,
    /// Milliseconds within which 99 % of refusals came.
    pub refused_p99_ms: Option<f64>,
}

/// A step of an overload's course. Requests a second, by when they were made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds from the start.
    pub at: f64,
    /// Answers of use.
    pub good: f64,
    /// Answers that came too late.
    pub late: f64,
    /// Requests that were told to come back.
    pub refused: f64,
    /// Requests that failed otherwise.
    pub failed: f64,
}
