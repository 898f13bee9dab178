//! Folders of results for tests: copies of fixtures that a test may spoil.

use std::{
    fs,
    path::{Path, PathBuf},
};

use onsale_load::report::{self, Options, ReportError};
use serde_json::Value;
use tempfile::TempDir;

/// A run of the script `token` by k6 0.57.0 against an Onsale.
pub(crate) const TOKEN: &str = "token-20261122-222436-3446";
/// Three calls by k6 1.1.0, with a fault, series and phases.
pub(crate) const FAILURE: &str = "failure-20261122-110000-bbbb";

/// Where the fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/fixtures")
}

/// A folder of results with copies of the fixtures, and place for reports.
pub(crate) struct Results {
    folder: TempDir,
}

impl Results {
    pub(crate) fn new() -> Self {
        let results = Self { folder: tempfile::tempdir().unwrap() };
        for run in [TOKEN, FAILURE] {
            let to = results.run(run);
            fs::create_dir_all(&to).unwrap();
            for entry in fs::read_dir(fixtures().join(run)).unwrap() {
                let from = entry.unwrap().path();
                fs::copy(&from, to.join(from.file_name().unwrap())).unwrap();
            }
        }
        results
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of a run.
    pub(crate) fn run(&self, test_id: &str) -> PathBuf {
        self.path().join(test_id)
    }

    /// Changes a file of JSON of a run.
    pub(crate) fn change(&self, test_id: &str, file: &str, change: impl FnOnce(&mut Value)) {
        let path = self.run(test_id).join(file);
        let mut value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut value);
        fs::write(path, value.to_string()).unwrap();
    }

    /// The run cannot be believed: its generator dropped iterations.
    pub(crate) fn make_not_valid(&self, test_id: &str) {
        self.change(test_id, "verdict.json", |verdict| {
            verdict["outcome"] = "not_valid".into();
            let dropped = serde_json::json!({
                "name": "dropped iterations", "limit": "0", "seen": "81", "holds": false
            });
            verdict["validity"] = [dropped].into_iter().collect();
        });
    }

    pub(crate) fn try_report(&self, runs: &[&str], against: Option<&Path>) -> Result<Written, ReportError> {
        let out = self.path().join("out");
        report::report(&Options {
            runs: runs.iter().map(|run| (*run).to_owned()).collect(),
            out: Some(out.clone()),
            against: against.map(Path::to_owned),
            results: self.path().to_owned(),
        })?;
        Ok(Written(out))
    }

    pub(crate) fn report(&self, runs: &[&str]) -> Written {
        self.try_report(runs, None).unwrap()
    }
}

/// A report that was written.
pub(crate) struct Written(pub(crate) PathBuf);

impl Written {
    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub(crate) fn figures(&self) -> Value {
        serde_json::from_str(&self.file("figures.json")).unwrap()
    }

    /// Names of its plots.
    pub(crate) fn plots(&self) -> Vec<String> {
        let files = fs::read_dir(self.0.join("plots")).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
