//! wrk: a closed loop, for the one comparison with figures that others measured in this way.
//!
//! Each connection asks again when it is answered, so that a slow server is asked less: its rate is what a server bears when nobody
//! minds to wait, and its times hide who would have come meanwhile. No objective is judged by it.

use std::{io, path::Path, time::Duration};

use serde::{Deserialize, Serialize};

use super::program::{Launched, ProgramError, Request, version};

/// After the last request has begun.
const LAST_WORDS: Duration = Duration::from_secs(30);
/// The program.
pub const PROGRAM: &str = "wrk";
/// What tells wrk which requests to make.
const SCRIPT: &str = include_str!("wrk.lua");
/// The line of the script's that is for programs.
const LINE: &str = "onsale ";

/// What wrk is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct WrkLoad {
    /// What is made again and again; a `POST` joins the line.
    pub request: Request,
    /// What the names of those who join begin with: another for each run, or they are known already.
    pub prefix: String,
    /// The concert that they join for; the site room where there is none.
    pub concert: Option<u64>,
    /// From how many connections.
    pub connections: usize,
    /// For how many seconds.
    pub seconds: u32,
}

impl WrkLoad {
    /// What wrk is started with. One thread: that is what others took, and only one counts visitors.
    #[must_use]
    pub fn arguments(&self, script: &Path) -> Vec<String> {
        let Self { request, prefix, concert, connections, seconds } = self;
        let concert = concert.map_or("-".to_owned(), |concert| concert.to_string());
        let mut words = vec![
            "-t1".to_owned(),
            format!("-c{connections}"),
            format!("-d{seconds}s"),
            "--latency".to_owned(),
        ];
        words.extend([
            "-s".to_owned(),
            script.to_string_lossy().into_owned(),
            request.url.clone(),
            "--".to_owned(),
        ]);
        words.extend([request.method.clone(), prefix.clone(), concert]);
        words.extend(request.headers.iter().flat_map(|(name, value)| [name.clone(), value.clone()]));
        words
    }

    /// How long it may take: the last requests are waited for, and what was measured is told.
    #[must_use]
    pub fn at_most(&self) -> Duration {
        Duration::from_secs(self.seconds.into()) + LAST_WORDS
    }

    /// Writes what wrk is told to a file, and starts it on these processors; on any where none are named.
    ///
    /// # Errors
    /// The file cannot be written, or wrk not be started.
    pub fn start(&self, script: &Path, pinned: &[usize]) -> Result<Launched, ProgramError> {
        let unwritten = |source: io::Error| ProgramError::Start { program: PROGRAM, source };
        std::fs::write(script, SCRIPT).map_err(unwritten)?;
        Launched::start(PROGRAM, &self.arguments(script), pinned)
    }
}

/// What a closed loop measured: milliseconds and counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// Answers, whatever they said.
    pub requests: u64,
    /// For how long, in seconds.
    pub seconds: f64,
    /// Answers a second that were neither refusals nor errors.
    pub rate: f64,
    /// Answers with a status above 399.
    pub refused: u64,
    /// Connections that were not made, or broke, and requests that were not answered in time.
    pub unanswered: u64,
    /// Percentiles of the wait for an answer.
    pub p50_ms: f64,
    /// So long or less 90 % waited.
    pub p90_ms: f64,
    /// So long or less 95 % waited.
    pub p95_ms: f64,
    /// So long or less 99 % waited.
    pub p99_ms: f64,
    /// The longest wait.
    pub max_ms: f64,
}

impl Closed {
    /// What wrk said.
    ///
    /// # Errors
    /// It said something else.
    pub fn read(said: &str) -> Result<Self, ProgramError> {
        let not_understood = |reason: String| ProgramError::Said { program: PROGRAM, reason };
        let line = said.lines().rev().find_map(|line| line.strip_prefix(LINE));
        let line = line.ok_or_else(|| not_understood(said.trim().to_owned()))?;
        let said: Said =
            serde_json::from_str(line).map_err(|error| not_understood(format!("{error}: {line}")))?;
        Ok(said.into())
    }
}

/// The version of the wrk on the path.
///
/// # Errors
/// There is none.
pub async fn wrk_version() -> Result<String, ProgramError> {
    version(PROGRAM, "-v").await
}

/// The script's line. Times are in microseconds.
#[derive(Deserialize)]
struct Said {
    requests: u64,
    duration: f64,
    connect: u64,
    read: u64,
    write: u64,
    timeout: u64,
    status: u64,
    max: f64,
    p50: f64,
    p90: f64,
    p95: f64,
    p99: f64,
}

impl From<Said> for Closed {
    fn from(said: Said) -> Self {
        let seconds = said.duration / 1e6;
        let fine = said.requests.saturating_sub(said.status);
        #[expect(clippy::cast_precision_loss, reason = "requests of a run are far from 2^53")]
        let rate = if seconds > 0.0 { fine as f64 / seconds } else { 0.0 };
        Self {
            requests: said.requests,
            seconds,
            rate,
            refused: said.status,
            unanswered: said.connect + said.read + said.write + said.timeout,
            p50_ms: said.p50 / 1e3,
            p90_ms: said.p90 / 1e3,
            p95_ms: said.p95 / 1e3,
            p99_ms: said.p99 / 1e3,
            max_ms: said.max / 1e3,
        }
    }
}

#[cfg(test)]
mod tests;
