use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use onsale_stack::invariants::Finding;
use serde::de::DeserializeOwned;

use super::ReportError;
use crate::results::{Event, Outcome, Overload, Run, Sample, Series, Summary, Verdict};

/// A longer run has points enough in a plot where it has one a second.
const LONG_MS: u64 = 10_000;
/// A second, and what a timer may be off.
const APART_MS: u64 = 900;
/// More points than these are no line any more, but a surface.
const MOST_POINTS: u64 = 150;

/// What a run left behind, as far as it is there. A file that is missing is not an error: the report says so, and shows
/// the rest.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) run: Run,
    pub(crate) summary: Option<Summary>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) events: Vec<Event>,
    pub(crate) series: Option<Series>,
    pub(crate) findings: Option<Vec<Finding>>,
    pub(crate) verdict: Option<Verdict>,
    /// What came of an overload, where the run was one.
    pub(crate) overload: Option<Overload>,
    /// Files that are not there, and why or what that means.
    pub(crate) missing: Vec<(String, String)>,
}

impl Reading {
    /// Reads the folder of a run.
    pub(crate) fn of(folder: &Path) -> Result<Self, ReportError> {
        let Some(run) = read::<Run>(&folder.join("run.json"))? else {
            return Err(ReportError::NoResult(folder.to_owned()));
        };
        let mut missing = Vec::new();
        let mut note = |file: &str, why: &str| missing.push((file.to_owned(), why.to_owned()));

        let overload = read(&folder.join("overload.json"))?;
        let summary = read(&folder.join("summary.json"))?;
        if summary.is_none() && overload.is_none() {
            note("summary.json", "the generator ended without one, so that there is no latency and no count");
        }
        let samples = read_lines(&folder.join("samples.jsonl"), &mut note)?;
        let events = read_lines(&folder.join("events.jsonl"), &mut note)?;
        let series = read(&folder.join("series.json"))?;
        if series.is_none() {
            note(
                "series.json",
                "no Prometheus was there, so that nothing is known over time but the samples",
            );
        }
        let findings = read(&folder.join("findings.json"))?;
        if findings.is_none() {
            note("findings.json", "the stores were not asked");
        }
        let verdict = read(&folder.join("verdict.json"))?;
        if verdict.is_none() {
            note("verdict.json", "nobody judged the run, so that it is not valid");
        }
        Ok(Self { run, summary, samples, events, series, findings, verdict, overload, missing })
    }

    /// The word on the run; one that nobody judged cannot be believed.
    pub(crate) fn outcome(&self) -> Outcome {
        self.verdict.as_ref().map_or(Outcome::NotValid, |verdict| verdict.outcome)
    }

    /// Whether its figures say something about the system.
    pub(crate) fn is_valid(&self) -> bool {
        let is_believed = |verdict: &Verdict| verdict.validity.iter().all(|check| check.holds);
        self.outcome() != Outcome::NotValid && self.verdict.as_ref().is_some_and(is_believed)
    }

    /// A value of the summary.
    pub(crate) fn value(&self, metric: &str, value: &str) -> Option<f64> {
        self.summary.as_ref()?.value(metric, value)
    }

    /// Samples for a plot, about a second apart where the run is long enough, and more where it is very long: processors' time is
    /// counted in hundredths of a second, which makes rates over less than that jagged.
    pub(crate) fn samples_apart(&self) -> Vec<&Sample> {
        let apart_ms = self.apart_ms();
        let mut samples: Vec<&Sample> = Vec::new();
        for sample in &self.samples {
            if samples.last().is_none_or(|last| sample.at.abs_diff(last.at) >= apart_ms) {
                samples.push(sample);
            }
        }
        samples
    }

    /// Seconds between two of them beyond which they are not joined: a little late is no gap.
    pub(crate) fn gap(&self) -> f64 {
        2.5 * Duration::from_millis(self.apart_ms().max(1_000)).as_secs_f64()
    }

    fn apart_ms(&self) -> u64 {
        let lasted_ms = self.run.ended_at.abs_diff(self.run.began_at);
        if lasted_ms > LONG_MS { APART_MS.max(lasted_ms / MOST_POINTS) } else { 0 }
    }

    /// Seconds from the start of the run to an instant of the machine's clock.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are far from 2^53")]
    pub(crate) fn seconds(&self, at: u64) -> f64 {
        let since = at.abs_diff(self.run.began_at) as f64 / 1_000.0;
        if at < self.run.began_at { -since } else { since }
    }
}

/// A file of JSON; `None` where there is none.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ReportError> {
    let Some(text) = text(path)? else { return Ok(None) };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|source| ReportError::Content { path: path.to_owned(), source })
}

fn text(path: &Path) -> Result<Option<String>, ReportError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReportError::File { path: path.to_owned(), source }),
    }
}

/// A file with a value on each line. The last line of a run that was cut off may be half of one.
fn read_lines<T: DeserializeOwned>(
    path: &Path,
    note: &mut impl FnMut(&str, &str),
) -> Result<Vec<T>, ReportError> {
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    let Some(text) = text(path)? else {
        note(&name.to_string_lossy(), "nothing was written down");
        return Ok(Vec::new());
    };
    let mut values = Vec::new();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        match serde_json::from_str(line) {
            Ok(value) => values.push(value),
            Err(_) if lines.peek().is_none() => note(&name.to_string_lossy(), "the last line is cut off"),
            Err(source) => return Err(ReportError::Content { path: path.to_owned(), source }),
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_plot_are_a_second_apart_unless_the_run_is_short_or_very_long() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/fixtures");
        let mut reading = Reading::of(&fixtures.join("token-20261122-222436-3446")).unwrap();
        let began_at = reading.run.began_at;
        let sample = |nth: u64| Sample { at: began_at + 100 * nth, ..Sample::default() };
        reading.samples = (0..=200).map(sample).collect();
        let apart: Vec<u64> = reading.samples_apart().iter().map(|sample| sample.at - began_at).collect();
        assert_eq!((&apart[..3], apart.len()), ([0, 900, 1_800].as_slice(), 23));
        reading.run.ended_at = began_at + 10_000;
        assert_eq!(reading.samples_apart().len(), 201);

        reading.run.ended_at = began_at + 3_600_000;
        let second = |nth: u64| Sample { at: began_at + 1_000 * nth, ..Sample::default() };
        reading.samples = (0..=3_600).map(second).collect();
        assert_eq!(reading.samples_apart().len(), 151);
        assert!(reading.gap() > 24.0);
    }
}
