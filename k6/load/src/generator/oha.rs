//! oha: a light open-model generator, for rates at which k6 itself would be what is measured.
//!
//! It makes one request again and again, at a rate, from a fixed number of connections. With `--latency-correction` the wait of a
//! request begins when it was due and not when a connection was free for it. It looks at no body: what it tells is status
//! codes and times, from which a [`Summary`] is made with the names that k6 uses, so that it is judged by the same rules.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use super::{
    Answer,
    program::{Launched, ProgramError, Request, version},
};
use crate::results::{Metric, Summary};

/// After the last request has begun.
const LAST_WORDS: Duration = Duration::from_secs(30);
/// The program.
pub const PROGRAM: &str = "oha";
/// More than what is on its way at once, so that it is the system that is late or says no, and not the generator that has no connection
/// free: 14,000 joins a second of 50 ms each, which is what is promised of 95 %, are 700. As many whatever is offered, since what a
/// connection keeps in memory is a part of what a request costs, and rates are compared.
pub const CONNECTIONS: u16 = 1_024;
/// A request that takes longer has failed.
const TIMEOUT: &str = "10s";
/// oha takes lines of a file by chance, not one after the other. With so many lines a request, one request of twenty says what another
/// has said before.
const LINES_A_REQUEST: f64 = 10.0;
/// The share of what is due that may be missing for the last ticks of oha's own clock.
const LAST_TICKS: f64 = 0.001;
/// It has a few sockets of its own; with so many it makes requests.
const SOCKETS: usize = 16;
/// How often they are counted.
const COUNTED: Duration = Duration::from_millis(5);
/// It has to begin by then: a second generator of an overload that begins later leaves nothing to look at after it.
const FIRST_WORDS: Duration = Duration::from_secs(8);

/// What oha is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct OhaLoad {
    /// What is made again and again.
    pub request: Request,
    /// A file of bodies, one on each line, taken by chance.
    pub bodies: Option<PathBuf>,
    /// Requests a second.
    pub rate: f64,
    /// For how long.
    pub seconds: f64,
    /// From how many connections: [`CONNECTIONS`], or a part of them where another load has the rest.
    pub connections: u16,
}

/// What oha tells at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Counts and percentiles, as JSON.
    Summary,
    /// Every answer, as CSV; what was never answered is not among them.
    Answers,
}

impl Told {
    const fn format(self) -> &'static str {
        match self {
            Self::Summary => "json",
            Self::Answers => "csv",
        }
    }
}

impl OhaLoad {
    /// What oha is started with, on so many processors; 0 for all.
    #[must_use]
    pub fn arguments(&self, told: Told, processors: usize) -> Vec<String> {
        let (rate, seconds) = (self.rate.to_string(), format!("{}ms", (1_000.0 * self.seconds).round()));
        let connections = self.connections.to_string();
        let mut words = vec![
            "-q",
            &rate,
            "--latency-correction",
            "-z",
            &seconds,
            "-w",
            "-c",
            &connections,
            "-t",
            TIMEOUT,
        ];
        // k6 and wrk do not ask for compressed answers either.
        words.extend(["--disable-compression", "--no-tui", "--no-color", "--output-format", told.format()]);
        words.extend(["-m", &self.request.method]);
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        for (name, value) in &self.request.headers {
            words.extend(["-H".to_owned(), format!("{name}: {value}")]);
        }
        if let Some(bodies) = &self.bodies {
            words.extend(["-T".to_owned(), "application/json".to_owned()]);
            words.extend(["-Z".to_owned(), bodies.to_string_lossy().into_owned()]);
        }
        if processors > 0 {
            words.extend(["--worker-threads".to_owned(), processors.to_string()]);
        }
        words.push(self.request.url.clone());
        words
    }

    /// How long it may take: the last requests are waited for, and what was measured is told.
    #[must_use]
    pub fn at_most(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or_default() + LAST_WORDS
    }

    /// Starts it on these processors; on any where none are named.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(&self, told: Told, pinned: &[usize]) -> Result<Launched, ProgramError> {
        Launched::start(PROGRAM, &self.arguments(told, pinned.len()), pinned)
    }

    /// Writes a file of bodies that is long enough for them to differ: `body` makes the one of a number.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_bodies(&mut self, path: &Path, body: impl Fn(usize) -> String) -> io::Result<()> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of lines")]
        let lines = (LINES_A_REQUEST * self.rate * self.seconds).ceil() as usize;
        let mut file = BufWriter::new(File::create(path)?);
        for line in 0..lines.max(1) {
            writeln!(file, "{}", body(line))?;
        }
        // Hundreds of megabytes that go to the disk under load are what the servers' own few bytes then wait for.
        file.into_inner()?.sync_all()?;
        self.bodies = Some(path.to_owned());
        Ok(())
    }

    /// What oha said, as k6 would have said it of a scenario and a call of the same name. Statuses that are not expected have
    /// failed.
    ///
    /// # Errors
    /// It said something else.
    pub fn summary(&self, said: &str, call: &str, expected: &[u16]) -> Result<Summary, ProgramError> {
        let said: Said = serde_json::from_str(said)
            .map_err(|error| ProgramError::Said { program: PROGRAM, reason: format!("{error}: {said}") })?;
        Ok(said.summary(self.rate * self.seconds, call, expected))
    }
}

/// Waits until an oha that was started makes its first requests: it reads its bodies before, which takes seconds where they are
/// millions, and counts time from then on. At once where it has ended.
///
/// # Errors
/// It does not begin.
pub async fn begins(launched: &Launched) -> Result<(), ProgramError> {
    let begun = async {
        while launched.pid().and_then(sockets).is_some_and(|sockets| sockets < SOCKETS) {
            tokio::time::sleep(COUNTED).await;
        }
    };
    tokio::time::timeout(FIRST_WORDS, begun).await.map_err(|_| ProgramError::TooLong(PROGRAM))
}

/// How many a process has; `None` where it has none of anything any more.
fn sockets(pid: i32) -> Option<usize> {
    let files: Vec<_> = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.filter_map(Result::ok).collect();
    if files.is_empty() {
        return None;
    }
    let kinds = files.iter().filter_map(|file| fs::read_link(file.path()).ok());
    Some(kinds.filter(|kind| kind.to_string_lossy().starts_with("socket:")).count())
}

/// Every answer, of what oha says where it is to tell [`Told::Answers`].
///
/// # Errors
/// It said something else.
pub fn answers(said: &str) -> Result<Vec<Answer>, ProgramError> {
    let records = csv::Reader::from_reader(said.as_bytes()).into_deserialize::<Record>();
    let answers: Result<Vec<Answer>, csv::Error> = records.map(|record| record.map(Answer::from)).collect();
    let wrong = |reason| ProgramError::Said { program: PROGRAM, reason };
    let answers = answers.map_err(|error| wrong(error.to_string()))?;
    if answers.is_empty() { Err(wrong(said.to_owned())) } else { Ok(answers) }
}

/// An answer as oha tells it, in seconds.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Record {
    request_start: f64,
    request_duration: f64,
    status: u16,
}

impl From<Record> for Answer {
    fn from(record: Record) -> Self {
        Self { at: record.request_start, took_ms: 1_000.0 * record.request_duration, status: record.status }
    }
}

/// The version of the oha on the path.
///
/// # Errors
/// There is none.
pub async fn oha_version() -> Result<String, ProgramError> {
    version(PROGRAM, "--version").await
}

/// What oha says, as far as it is used. Seconds; what was never answered has no times.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    summary: Times,
    latency_percentiles: BTreeMap<String, Option<f64>>,
    status_code_distribution: BTreeMap<String, f64>,
    error_distribution: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Times {
    total: f64,
    slowest: Option<f64>,
    fastest: Option<f64>,
    average: Option<f64>,
}

impl Said {
    fn summary(&self, due: f64, call: &str, expected: &[u16]) -> Summary {
        let answered: f64 = self.status_code_distribution.values().sum();
        let all = answered + self.error_distribution.values().sum::<f64>();
        let fine: f64 =
            expected.iter().filter_map(|status| self.status_code_distribution.get(&status.to_string())).sum();
        let missing = due - all;
        let dropped = if missing > due * LAST_TICKS { missing.round() } else { 0.0 };
        let mut made = Making { seconds: self.summary.total, metrics: BTreeMap::new() };
        made.counter(format!("iterations{{scenario:{call}}}"), all);
        made.counter("iterations", all);
        made.counter("http_reqs", all);
        made.counter(format!("http_reqs{{name:{call}}}"), all);
        made.counter("dropped_iterations", dropped);
        made.counter("onsale_unexpected", all - fine);
        made.rate("http_req_failed", all - fine, fine);
        made.rate(format!("http_req_failed{{name:{call}}}"), all - fine, fine);
        made.trend("http_req_duration", &self.times(answered));
        made.trend(format!("http_req_duration{{name:{call}}}"), &self.times(answered));
        for (status, count) in &self.status_code_distribution {
            made.counter(format!("http_reqs{{name:{call},status:{status}}}"), *count);
            // Times are told of all answers together, so that they are those of one status only where there is no other.
            made.trend(format!("http_req_duration{{name:{call},status:{status}}}"), &self.times(answered));
        }
        Summary { metrics: made.metrics }
    }

    /// Milliseconds, by what k6 calls them.
    fn times(&self, answered: f64) -> Vec<(&'static str, f64)> {
        let percentile = |name: &str| self.latency_percentiles.get(name).copied().flatten();
        let told = [
            ("avg", self.summary.average),
            ("min", self.summary.fastest),
            ("max", self.summary.slowest),
            ("med", percentile("p50")),
            ("p(50)", percentile("p50")),
            ("p(90)", percentile("p90")),
            ("p(95)", percentile("p95")),
            ("p(99)", percentile("p99")),
            ("p(99.9)", percentile("p99.9")),
        ];
        let told = told.into_iter().filter_map(|(name, seconds)| Some((name, 1_000.0 * seconds?)));
        told.chain([("count", answered)]).collect()
    }
}

/// A summary that is being made.
struct Making {
    seconds: f64,
    metrics: BTreeMap<String, Metric>,
}

impl Making {
    fn counter(&mut self, name: impl Into<String>, count: f64) {
        let rate = if self.seconds > 0.0 { count / self.seconds } else { 0.0 };
        self.put(name.into(), "counter", &[("count", count), ("rate", rate)]);
    }

    /// k6 counts as a pass what is so: here, that a request has failed.
    fn rate(&mut self, name: impl Into<String>, passes: f64, fails: f64) {
        if passes + fails > 0.0 {
            let values = [("rate", passes / (passes + fails)), ("passes", passes), ("fails", fails)];
            self.put(name.into(), "rate", &values);
        }
    }

    fn trend(&mut self, name: impl Into<String>, values: &[(&str, f64)]) {
        self.put(name.into(), "trend", values);
    }

    fn put(&mut self, name: String, kind: &str, values: &[(&str, f64)]) {
        let values = values.iter().map(|(value, number)| ((*value).to_owned(), *number)).collect();
        self.metrics.insert(name, Metric { kind: kind.to_owned(), values, ..Metric::default() });
    }
}

#[cfg(test)]
mod tests;
