use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use nix::sys::signal::Signal;
use reqwest::Url;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    ScrapeTarget,
    scraping::{RULES, configuration},
    tools,
};
use crate::{
    Port, StackError,
    child::{Child, bound_to_us},
    folder, http,
};

/// What was recorded before is read again.
const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(30);
/// The longest window of a rule is three days.
const RETENTION: &str = "7d";

/// How to run a Prometheus. The default asks nobody but itself.
#[derive(Clone, Debug)]
pub struct PrometheusOptions {
    /// Whom to ask.
    pub targets: Vec<ScrapeTarget>,
    /// How often to ask, and to work out the rules.
    pub every: Duration,
    /// Where to keep what is recorded, also afterwards; `None` for a folder that goes with the server.
    pub folder: Option<PathBuf>,
}

impl Default for PrometheusOptions {
    fn default() -> Self {
        Self { targets: Vec::new(), every: Duration::from_secs(5), folder: None }
    }
}

/// A Prometheus of one's own, with the rules that are shipped. It takes remote writes, as k6 makes them.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    folder: PathBuf,
    port: Port,
    _throw_away: Option<TempDir>,
}

impl Prometheus {
    /// Starts Prometheus, and waits until it answers.
    ///
    /// # Errors
    /// Prometheus is not installed, or does not start.
    pub async fn start(options: PrometheusOptions) -> Result<Self, StackError> {
        let (folder, throw_away) = folder::prepare(options.folder.as_deref())?;
        let port = Port::reserve()?;
        configure(&options, &folder, address(&port))?;
        let child = spawn(&folder, address(&port))?;
        let mut prometheus = Self { child, folder, port, _throw_away: throw_away };
        prometheus.until_it_answers().await?;
        Ok(prometheus)
    }

    /// The address for people and for Grafana.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", address(&self.port))
    }

    /// The process's id; another one after a restart.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.pid()
    }

    /// Where the log is.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        log_in(&self.folder)
    }

    /// What an expression is just now: the elements of the vector; none where there is no such series.
    ///
    /// # Errors
    /// Prometheus does not answer, or refuses the expression.
    pub async fn query(&self, expression: &str) -> Result<Vec<Value>, StackError> {
        let mut data = self.api("query", &[("query", expression)]).await?;
        let result = data.get_mut("result").map(Value::take);
        Ok(match result {
            Some(Value::Array(elements)) => elements,
            Some(Value::Null) | None => Vec::new(),
            Some(other) => vec![other],
        })
    }

    /// What a call of the API answers under `data`: `rules`, `targets`, `query_range`.
    ///
    /// # Errors
    /// Prometheus does not answer, or refuses.
    pub async fn api(&self, call: &str, parameters: &[(&str, &str)]) -> Result<Value, StackError> {
        let refused = |reason: String| StackError::Refused { tool: format!("prometheus: {call}"), reason };
        let url = Url::parse_with_params(&format!("{}/api/v1/{call}", self.url()), parameters)
            .map_err(|error| refused(error.to_string()))?;
        let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let answer = http::get(address(&self.port), &path).await;
        let (_, body) = answer.ok_or_else(|| refused("no answer".to_owned()))?;
        let mut body: Value = serde_json::from_str(&body).map_err(|error| refused(error.to_string()))?;
        if body["status"] == "success" {
            return Ok(body["data"].take());
        }
        Err(refused(body["error"].as_str().unwrap_or("no reason is given").to_owned()))
    }

    /// Asks Prometheus to end, and waits.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn stop(&mut self) -> Result<(), StackError> {
        self.child.stop(Signal::SIGTERM, STOP).await.map(|_| ())
    }

    /// Starts Prometheus again on what it has recorded and on the same port, after stopping it where it still runs.
    ///
    /// # Errors
    /// It does not stop or start in time.
    pub async fn restart(&mut self) -> Result<(), StackError> {
        self.stop().await?;
        self.child = spawn(&self.folder, address(&self.port))?;
        self.until_it_answers().await
    }

    /// How Prometheus ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.status()
    }

    async fn until_it_answers(&mut self) -> Result<(), StackError> {
        let address = address(&self.port);
        let answers =
            || async move { http::get(address, "/-/ready").await.is_some_and(|(now, _)| now == 200) };
        self.child.until("be ready", START, answers).await
    }
}

fn address(port: &Port) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port.number()))
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("prometheus.log")
}

fn configure(options: &PrometheusOptions, folder: &Path, itself: SocketAddr) -> Result<(), StackError> {
    let rules = folder.join("rules");
    fs::create_dir_all(&rules).map_err(StackError::file(&rules))?;
    let mut files: Vec<_> = RULES.iter().map(|(name, text)| (rules.join(name), (*text).to_owned())).collect();
    files.push((folder.join("prometheus.yml"), configuration(&options.targets, options.every, itself)));
    for (path, text) in files {
        fs::write(&path, text).map_err(StackError::file(&path))?;
    }
    Ok(())
}

fn spawn(folder: &Path, address: SocketAddr) -> Result<Child, StackError> {
    let mut command = bound_to_us(&tools::find(&["prometheus"])?);
    command.current_dir(folder).args([
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        // k6 sends what it measures, its durations as native histograms.
        "--web.enable-remote-write-receiver",
        "--enable-feature=exemplar-storage,native-histograms",
    ]);
    command.arg(format!("--storage.tsdb.retention.time={RETENTION}"));
    command.arg(format!("--web.listen-address={address}"));
    Child::spawn("prometheus", command, &log_in(folder))
}
