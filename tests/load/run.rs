//! `onsale-load run`, as `k6/run` calls it.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use onsale_load::results::{Check, Outcome, Verdict};
use onsale_stack::{Target, binary, procfs};
use onsale_tests::boards::project;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::process::Command;

use crate::generator::{OLD, path_with};

/// How long a short run takes at most, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_mins(4);
/// What is tested elsewhere: objectives that a busy machine keeps too, where no fault is.
const WIDE: &str = "SLO_FACTOR=20";
/// Of a processor: who shares the machine with others that take more may find that the generator was short of it, and the
/// verdict says so.
const ALONE: f64 = 0.2;
/// What a verdict says of the machine's host.
const HOST: &str = "machine's time taken by its host";

/// A run that is to be made.
pub(crate) struct Run {
    command: Command,
    results: TempDir,
}

/// A run that was made, or could not be.
pub(crate) struct Ended {
    /// What `k6/run` would end with.
    pub(crate) status: i32,
    /// Everything that was said.
    pub(crate) said: String,
    /// How many processors somebody else kept busy meanwhile.
    others: f64,
    results: TempDir,
}

impl Run {
    /// Of this scenario, in the profile for tests, with wide objectives.
    pub(crate) fn of(scenario: &str) -> Self {
        Self::by_typing(&["run", scenario])
    }

    /// Of more than is borne.
    pub(crate) fn overload(call: &str, arguments: &[&str]) -> Self {
        Self::by_typing(&[&["overload", call], arguments].concat())
    }

    fn by_typing(words: &[&str]) -> Self {
        let results = tempfile::tempdir().unwrap();
        let mut command = Command::new(binary("onsale-load").unwrap());
        command.args(words).arg("--results").arg(results.path());
        command.current_dir(project()).env("PATH", path_with(OLD)).kill_on_drop(true);
        Self { command, results }.told("PROFILE=ci").told(WIDE)
    }

    /// Of an Onsale by where its gateways and its stores are.
    pub(crate) fn at(mut self, target: &Target) -> Self {
        for gateway in &target.gateways {
            self.command.arg("--gateway").arg(gateway);
        }
        self.command.env("ONSALE_OPERATOR_KEY", &target.operator_key);
        self.command
            .env("ONSALE_REDIS_URL", &target.redis_url)
            .env("ONSALE_DATABASE_URL", &target.database_url);
        self
    }

    /// A setting of the script; the last of a name is the one that counts.
    pub(crate) fn told(self, setting: &str) -> Self {
        self.with(&["-e", setting])
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// With another k6.
    pub(crate) fn by(mut self, version: &str) -> Self {
        self.command.env("PATH", path_with(version));
        self
    }

    pub(crate) async fn end(mut self) -> Ended {
        let (began, before) = (Instant::now(), of_others());
        let output = tokio::time::timeout(PATIENCE, self.command.output()).await.expect("an end").unwrap();
        let others = (of_others() - before) / began.elapsed().as_secs_f64();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        println!("{said}\nothers kept {others:.2} processors busy");
        Ended { status: output.status.code().expect("an exit status"), said, others, results: self.results }
    }
}

/// Seconds of processors that went to whatever is not of this test.
fn of_others() -> f64 {
    let (machine, ours) = (procfs::machine().unwrap(), procfs::usage_of_family(this()).unwrap());
    (machine.busy + machine.stolen).as_secs_f64() - ours.cpu.as_secs_f64()
}

fn this() -> i32 {
    std::process::id().try_into().unwrap()
}

impl Ended {
    /// The folder of the run's results.
    pub(crate) fn folder(&self) -> PathBuf {
        let mut folders = fs::read_dir(self.results.path()).unwrap();
        folders.next().unwrap_or_else(|| panic!("no results: {}", self.said)).unwrap().path()
    }

    /// A file of the results.
    pub(crate) fn kept<T: DeserializeOwned>(&self, file: &str) -> T {
        let path = self.folder().join(file);
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{file}: {error}: {}", self.said));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.kept("verdict.json")
    }

    /// Whether nobody else took the machine meanwhile.
    pub(crate) fn was_alone(&self) -> bool {
        self.others <= ALONE
    }

    /// What k6 has said, and what did not hold.
    fn explained(&self) -> String {
        let log = fs::read_to_string(self.folder().join("k6.log")).unwrap_or_default();
        format!("{}\n{log}\n{:#?}", self.said, failures(&self.verdict()))
    }

    /// It can be believed, and everything held.
    pub(crate) fn passes(&self) {
        self.came_to(Outcome::Passed);
        let verdict = self.verdict();
        for checks in [&verdict.validity, &verdict.objectives, &verdict.invariants] {
            assert!(!checks.is_empty(), "nothing was looked at: {verdict:?}");
        }
        assert!(verdict.invariants.iter().all(|check| check.holds), "{}", self.explained());
    }

    /// It can be believed, and what did not hold is this.
    pub(crate) fn fails_by(&self, name: &str) {
        self.came_to(Outcome::Failed);
        let verdict = self.verdict();
        let failed: Vec<_> =
            verdict.objectives.iter().chain(&verdict.invariants).filter(|check| !check.holds).collect();
        assert!(failed.iter().any(|check| check.name.contains(name)), "{name} is not among {failed:#?}");
    }

    /// It cannot be believed, because of this.
    pub(crate) fn is_not_valid_by(&self, name: &str) {
        let verdict = self.verdict();
        assert!(
            verdict.outcome == Outcome::NotValid && self.status == 3,
            "{}: {}",
            self.status,
            self.explained()
        );
        let failed: Vec<_> = verdict.validity.iter().filter(|check| !check.holds).collect();
        assert!(failed.iter().any(|check| check.name.contains(name)), "{name} is not among {failed:#?}");
    }

    /// The word on it, and the exit status that goes with it. Where others have taken the machine, be it its host, and only
    /// there, it may be that the generator was short of it: then its objectives say nothing.
    fn came_to(&self, outcome: Outcome) {
        let verdict = self.verdict();
        let status = match outcome {
            Outcome::Passed => 0,
            Outcome::Failed => 1,
            Outcome::NotValid => 3,
        };
        if verdict.outcome == outcome && self.status == status {
            return;
        }
        let is_short = verdict.outcome == Outcome::NotValid && self.status == 3;
        let short: Vec<_> = verdict.validity.iter().filter(|check| !check.holds).collect();
        let is_robbed = short.iter().any(|check| check.name == HOST);
        let only = short.iter().all(|check| is_of_the_machine(check));
        assert!(
            (is_robbed || !self.was_alone()) && is_short && only,
            "{outcome:?}, and not {}: {}",
            self.status,
            self.explained()
        );
    }
}

/// Everything that did not hold.
pub(crate) fn failures(verdict: &Verdict) -> Vec<&Check> {
    let all = verdict.validity.iter().chain(&verdict.objectives).chain(&verdict.invariants);
    all.filter(|check| !check.holds).collect()
}

/// Whether it is about processors: the generator's, or those that the machine's host took.
fn is_of_the_machine(check: &Check) -> bool {
    check.name.starts_with("generator's ") || check.name == HOST
}
