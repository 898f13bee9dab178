//! The highest rate that holds every objective, with no invariant broken.
//!
//! A search is a list of steps, each of which is a run of its own at one rate. What comes next is a function of that list
//! ([`next`]), and the list is written to `capacity.json` after each step, so that a search that was cut off goes on
//! where it was. What bound the system is told from what processes used at the rate that was found and above it
//! ([`bound_by`]).

mod bound;
mod find;
mod outcome;
mod search;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use bound::{Place, bound_by};
pub use find::{CapacityOptions, find};
pub use outcome::measured;
pub use search::{Next, Plan, next};

use crate::results::{Capacity, Found, Held, Measured, Phase, Spread, Step};

/// Why a search stopped before its end.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError<E: std::error::Error> {
    /// `capacity.json` cannot be read or written.
    #[error("keep the search at {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// `capacity.json` is not what it should be.
    #[error("understand the search at {path}: {source}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// `capacity.json` is of another search.
    #[error("the search at {0} has another endpoint, generator, length of a step or number of repeats")]
    Another(PathBuf),
    /// A step could not be run.
    #[error(transparent)]
    Step(E),
}

/// What a search is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Sought {
    /// The name of the search, and of its folder.
    pub test_id: String,
    /// `token`, `journey`.
    pub endpoint: String,
    /// `k6` or `oha`.
    pub generator: String,
    /// Seconds of a step that are measured.
    pub seconds: f64,
    /// How it is searched.
    pub plan: Plan,
}

/// Searches to the end, from where `capacity.json` in the folder says, which is there after each step. What bound the system
/// is for the caller to add, and to write with [`keep`].
///
/// # Errors
/// The file is of another search or cannot be kept, or a step could not be run.
pub async fn search<E: std::error::Error>(
    sought: &Sought,
    folder: &Path,
    mut step: impl AsyncFnMut(f64, f64) -> Result<Measured, E>,
    say: &dyn Fn(&str),
) -> Result<Capacity, CapacityError<E>> {
    let mut capacity = resume(sought, folder)?;
    if !capacity.steps.is_empty() {
        say(&format!("{}: goes on after {} steps", sought.test_id, capacity.steps.len()));
    }
    loop {
        match next(&sought.plan, &capacity.steps) {
            Next::Run { rate, phase } => {
                say(&format!("step {}: {} at {rate}/s", capacity.steps.len() + 1, word(phase)));
                let measured = step(rate, sought.seconds).await.map_err(CapacityError::Step)?;
                say(&format!("  {}", line(&measured)));
                capacity.steps.push(Step { phase, rate, measured });
                keep(folder, &capacity)?;
            }
            Next::Done(found) => {
                say(&sentence(&found));
                capacity.found = Some(found);
                keep(folder, &capacity)?;
                return Ok(capacity);
            }
        }
    }
}

/// Writes `capacity.json`. What was there before stays until all of it is written.
///
/// # Errors
/// It cannot be written.
pub fn keep<E: std::error::Error>(folder: &Path, capacity: &Capacity) -> Result<(), CapacityError<E>> {
    let path = file(folder);
    let text = serde_json::to_string_pretty(capacity)
        .map_err(|source| CapacityError::Content { path: path.clone(), source })?;
    let half = path.with_extension("json.half");
    let written = fs::write(&half, text + "\n").and_then(|()| fs::rename(&half, &path));
    written.map_err(|source| CapacityError::File { path, source })
}

fn file(folder: &Path) -> PathBuf {
    folder.join("capacity.json")
}

/// The search of the folder, or a new one where there is none.
fn resume<E: std::error::Error>(sought: &Sought, folder: &Path) -> Result<Capacity, CapacityError<E>> {
    let path = file(folder);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(begin(sought)),
        Err(source) => return Err(CapacityError::File { path, source }),
    };
    let found: Capacity = match serde_json::from_str(&text) {
        Ok(found) => found,
        Err(source) => return Err(CapacityError::Content { path, source }),
    };
    let fresh = begin(sought);
    let is_same = found.endpoint == fresh.endpoint
        && found.generator == fresh.generator
        && (found.seconds - fresh.seconds).abs() < 1e-6
        && found.repeats == fresh.repeats;
    if is_same { Ok(found) } else { Err(CapacityError::Another(path)) }
}

fn begin(sought: &Sought) -> Capacity {
    Capacity {
        test_id: sought.test_id.clone(),
        endpoint: sought.endpoint.clone(),
        generator: sought.generator.clone(),
        seconds: sought.seconds,
        repeats: sought.plan.repeats,
        steps: Vec::new(),
        found: None,
        bound_by: None,
    }
}

const fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Ramp => "ramp",
        Phase::Staircase => "staircase",
        Phase::Bisect => "bisection",
        Phase::Repeat => "repetition",
    }
}

fn line(measured: &Measured) -> String {
    let p99 = measured.p99_ms.map(|p99| format!(", p99 {p99:.1} ms")).unwrap_or_default();
    match &measured.outcome {
        Held::Held => format!("held{p99}"),
        Held::Failed { why, .. } => format!("did not hold{p99}: {why}"),
        Held::Disturbed { why } | Held::GeneratorGaveUp { why } => format!("says nothing{p99}: {why}"),
    }
}

fn sentence(found: &Found) -> String {
    match found {
        Found::None { why } => format!("no rate holds: {why}"),
        Found::Highest { rate, is_at_least, held, repeats, achieved, p99_ms } => {
            let word = if *is_at_least { "at least " } else { "" };
            let spread = |what: &str, spread: &Option<Spread>| {
                let Some(Spread { median, lowest, highest }) = spread else { return String::new() };
                format!(", {what} {median:.1} ({lowest:.1} to {highest:.1})")
            };
            let (achieved, p99) = (spread("achieved", achieved), spread("p99 ms", p99_ms));
            format!("{word}{rate}/s: held {held} of {repeats} times{achieved}{p99}")
        }
    }
}

#[cfg(test)]
mod tests;
