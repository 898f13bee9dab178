//! k6: the generator that looks at every answer.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde::Deserialize;
use tokio::process::{Child, Command};

use super::Answer;
use crate::environment;

/// The program.
const PROGRAM: &str = "k6";
/// A script may bring visitors in before it begins.
const PREPARES: Duration = Duration::from_mins(5);
/// k6 writes what it has measured after the last iteration.
const LAST_WORDS: Duration = Duration::from_mins(1);
/// How often k6 hands over what it measures, where there is a Prometheus.
const PUSH: &str = "1s";
/// k6 takes these for options, and drops a script's scenarios for them without a word.
const OVERRIDES: [&str; 4] = ["K6_VUS", "K6_DURATION", "K6_STAGES", "K6_ITERATIONS"];

/// A k6 of a certain version.
#[derive(Clone, Debug)]
pub struct K6 {
    /// Such as `0.57.0`.
    pub version: String,
    /// The processors that it is kept on; all of them where there are none.
    pinned: Vec<usize>,
}

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum K6Error {
    /// It is not on the path, or cannot be started.
    #[error("k6 cannot be started")]
    Start(#[source] io::Error),
    /// It does not say which version it is.
    #[error("k6 does not say its version: {0}")]
    Version(String),
    /// It cannot read the script.
    #[error("the script cannot be read: {0}")]
    Script(String),
    /// The script's options do not have what the runner needs to know.
    #[error("options.ext.onsale of the script")]
    Manifest(#[source] serde_json::Error),
    /// What k6 says cannot be kept.
    #[error("the log of k6 cannot be written")]
    Log(#[source] io::Error),
    /// What k6 has measured cannot be read.
    #[error("what k6 has measured cannot be read")]
    Measured(#[from] csv::Error),
}

/// What k6 tells of a script besides its options.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Requirements {
    /// Such as `1m30s`.
    total_duration: String,
}

/// What to run, and where everything goes.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The script.
    pub script: &'a Path,
    /// What it is told.
    pub settings: &'a BTreeMap<String, String>,
    /// The run's name, a tag of everything that is measured.
    pub test_id: &'a str,
    /// The run's folder.
    pub folder: &'a Path,
    /// Who is sent what is measured as it goes.
    pub prometheus: Option<&'a str>,
    /// Where each measured value is written, for [`answers`].
    pub answers: Option<&'a Path>,
}

impl K6 {
    /// The k6 on the path, to be kept on these processors; on any where none are named.
    ///
    /// # Errors
    /// There is none, or it does not say its version.
    pub async fn find(pinned: &[usize]) -> Result<Self, K6Error> {
        let output = Command::new(PROGRAM).arg("version").stdin(Stdio::null()).output().await;
        let output = output.map_err(K6Error::Start)?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // `k6 v0.57.0 (commit/…)`, or since 1.0 `k6 v1.1.0 (commit/…)`.
        let version = text.split_whitespace().find_map(|word| word.strip_prefix('v')).map(str::to_owned);
        let version = version.ok_or(K6Error::Version(text))?;
        Ok(Self { version, pinned: pinned.to_vec() })
    }

    /// The processors that it may use.
    #[must_use]
    pub fn cpus(&self) -> Vec<usize> {
        environment::allowed(&self.pinned)
    }

    /// How long a script runs at most, its preparations included.
    ///
    /// # Errors
    /// k6 cannot read the script, or does not say.
    pub async fn lasts(
        &self,
        script: &Path,
        settings: &BTreeMap<String, String>,
    ) -> Result<Duration, K6Error> {
        let mut command = self.command("inspect", settings);
        let output = command.arg("--execution-requirements").arg(script).stdin(Stdio::null()).output().await;
        let output = output.map_err(K6Error::Start)?.stdout;
        let told: Requirements = serde_json::from_slice(&output).map_err(K6Error::Manifest)?;
        let lasts = humantime::parse_duration(&told.total_duration)
            .map_err(|_| K6Error::Script(told.total_duration))?;
        Ok(lasts + PREPARES)
    }

    /// A command of k6 with a script's settings.
    #[must_use]
    pub fn command(&self, command: &str, settings: &BTreeMap<String, String>) -> Command {
        // It counts the processors that it may use when it starts, so that it is put on them before.
        let mut k6 = if self.pinned.is_empty() { Command::new(PROGRAM) } else { Command::new("taskset") };
        if !self.pinned.is_empty() {
            let cpus: Vec<_> = self.pinned.iter().map(usize::to_string).collect();
            k6.args(["-c", &cpus.join(","), PROGRAM]);
        }
        k6.arg(command);
        for (name, value) in settings {
            k6.arg("--env").arg(format!("{name}={value}"));
        }
        for name in OVERRIDES {
            k6.env_remove(name);
        }
        k6
    }

    /// Starts a run.
    ///
    /// # Errors
    /// k6 cannot be started, or its log not be written.
    pub fn launch(&self, launch: &Launch<'_>) -> Result<Running, K6Error> {
        let log = File::create(launch.folder.join("k6.log")).map_err(K6Error::Log)?;
        let mut command = self.command("run", launch.settings);
        // The first free port, so that several may run.
        command.args(["--address", "127.0.0.1:0", "--no-usage-report", "--no-color", "--quiet"]);
        command.arg("--tag").arg(format!("testid={}", launch.test_id));
        if let Some(url) = launch.prometheus {
            command.args(["--out", "experimental-prometheus-rw"]);
            command.env("K6_PROMETHEUS_RW_SERVER_URL", format!("{url}/api/v1/write"));
            command.env("K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM", "true");
            command.env("K6_PROMETHEUS_RW_STALE_MARKERS", "true");
            command.env("K6_PROMETHEUS_RW_PUSH_INTERVAL", PUSH);
        }
        if let Some(path) = launch.answers {
            command.arg("--out").arg(format!("csv={}", path.display()));
            command.env("K6_CSV_TIME_FORMAT", "unix_milli");
        }
        command.arg(launch.script).stdin(Stdio::null()).kill_on_drop(true);
        command.stdout(log.try_clone().map_err(K6Error::Log)?).stderr(log);
        let child = command.spawn().map_err(K6Error::Start)?;
        Ok(Running { child })
    }
}

/// The answers to a call, by the k6 scenario that made the requests, from what k6 has written.
///
/// # Errors
/// It cannot be read, or is something else.
pub fn answers(path: &Path, call: &str) -> Result<BTreeMap<String, Vec<Answer>>, K6Error> {
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for row in csv::Reader::from_path(path)?.into_deserialize::<Row>() {
        let Row { metric_name, timestamp, metric_value, name, scenario, status } = row?;
        if metric_name == "http_req_duration" && name == call {
            let answer = Answer {
                at: (timestamp - metric_value) / 1_000.0,
                took_ms: metric_value,
                status: status.unwrap_or_default(),
            };
            answers.entry(scenario).or_default().push(answer);
        }
    }
    Ok(answers)
}

/// A measured value; the timestamp is of the end of what was measured, in Unix milliseconds.
#[derive(Deserialize)]
struct Row {
    metric_name: String,
    timestamp: f64,
    metric_value: f64,
    name: String,
    scenario: String,
    status: Option<u16>,
}

/// A run that goes on. Ends with this value.
#[derive(Debug)]
pub struct Running {
    child: Child,
}

impl Running {
    /// The process's id; `None` once it has ended.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.child.id().and_then(|pid| i32::try_from(pid).ok())
    }

    /// Waits for the end: the exit status, or `None` where the run lasted longer than it may, and was ended.
    ///
    /// # Errors
    /// The process cannot be waited for.
    pub async fn end(&mut self, at_most: Duration) -> Result<Option<ExitStatus>, K6Error> {
        if let Ok(ended) = tokio::time::timeout(at_most + LAST_WORDS, self.child.wait()).await {
            return ended.map(Some).map_err(K6Error::Start);
        }
        self.child.kill().await.map_err(K6Error::Start)?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_one_call_by_who_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.csv");
        let written = "metric_name,timestamp,metric_value,error_code,name,scenario,status,extra_tags\n\
            http_req_duration,5000,250.0,,hold,hold_1,201,\"phase=steady,more\"\n\
            http_req_waiting,5000,249.0,,hold,hold_1,201,\n\
            http_req_duration,6000,10.0,,confirm,hold_1,201,\n\
            http_req_duration,7000,100.0,1050,hold,hold_2,,\n\
            vus,7000,3.0,,,,,\n";
        std::fs::write(&path, written).unwrap();
        let answers = answers(&path, "hold").unwrap();
        assert_eq!(answers["hold_1"], [Answer { at: 4.75, took_ms: 250.0, status: 201 }]);
        assert_eq!(answers["hold_2"], [Answer { at: 6.9, took_ms: 100.0, status: 0 }]);
        assert_eq!(answers.len(), 2);
    }
}
