use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Reading, ReportError,
    call::{self, Call},
    language::Word,
};
use crate::results::Outcome;

/// A run that a report is about, and the name that it has in it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// What the report and `figures.json` call it: as it was given, else its scenario where that is the only run of it, else
    /// its test id.
    pub(crate) label: String,
    pub(crate) reading: Reading,
    pub(crate) calls: Vec<Call>,
}

/// What was asked for: `FOLDER`, `TEST-ID` or `NAME=` before either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) label: Option<String>,
    pub(crate) folder: PathBuf,
}

impl Asked {
    /// Understands an argument; what is not a folder is a test id among the results.
    pub(crate) fn of(argument: &str, results: &Path) -> Self {
        let (label, place) = match argument.split_once('=') {
            Some((label, place)) if !label.contains('/') => (Some(label.to_owned()), place),
            _ => (None, argument),
        };
        let given = PathBuf::from(place);
        let folder = if given.is_dir() { given } else { results.join(place) };
        Self { label, folder }
    }
}

/// Reads runs and names them.
pub(crate) fn subjects(runs: Vec<(Option<String>, Reading)>) -> Result<Vec<Subject>, ReportError> {
    let mut of_scenario: BTreeMap<String, usize> = BTreeMap::new();
    for (_, reading) in runs.iter().filter(|(given, _)| given.is_none()) {
        *of_scenario.entry(reading.run.scenario.clone()).or_default() += 1;
    }
    let mut subjects: Vec<Subject> = Vec::new();
    for (given, reading) in runs {
        let is_only = of_scenario.get(&reading.run.scenario) == Some(&1);
        let own = if is_only { &reading.run.scenario } else { &reading.run.test_id };
        let label = given.unwrap_or_else(|| own.clone());
        if subjects.iter().any(|subject| subject.label == label) {
            return Err(ReportError::Twice(label));
        }
        subjects.push(Subject { label, calls: call::calls(&reading), reading });
    }
    Ok(subjects)
}

impl Subject {
    /// Whether its figures say something about the system.
    pub(crate) fn is_valid(&self) -> bool {
        self.reading.is_valid()
    }

    /// The verdict, for a table.
    pub(crate) fn word(&self) -> Word {
        match self.reading.outcome() {
            Outcome::Passed => Word::Passed,
            Outcome::Failed => Word::Failed,
            Outcome::NotValid => Word::NotValid,
        }
    }

    /// Its name, with a mark where it cannot be believed.
    pub(crate) fn marked(&self) -> String {
        if self.is_valid() { self.label.clone() } else { format!("{} (not valid)", self.label) }
    }

    /// CPU milliseconds of the servers for each request, by process and for all together; the generator is not one of them.
    pub(crate) fn cpu_per_request(&self) -> BTreeMap<String, f64> {
        let samples = &self.reading.samples;
        let requests = self.reading.value("http_reqs", "count").filter(|requests| *requests > 0.0);
        let (Some(first), Some(last), Some(requests)) = (samples.first(), samples.last(), requests) else {
            return BTreeMap::new();
        };
        let generator = &self.reading.run.generator.tool;
        let mut used = BTreeMap::new();
        for (name, process) in &last.processes {
            let before = first.processes.get(name).map_or(0.0, |process| process.cpu_seconds);
            // One that was started anew within the run counts from zero again.
            let seconds = process.cpu_seconds - before;
            if name != generator && seconds >= 0.0 {
                used.insert(name.clone(), seconds * 1_000.0 / requests);
            }
        }
        let all: f64 = used.values().sum();
        used.insert("all".to_owned(), all);
        used
    }
}
