use std::{
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};

use crate::{StackError, procfs};

/// What runs, for whoever looks for it or stops it from elsewhere.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// The process that started the others, and stops them when it is asked to end.
    pub starter: Running,
    /// The servers and programs.
    pub started: Vec<Running>,
    /// Where they are, once all are ready.
    #[serde(default)]
    pub addresses: Option<Addresses>,
}

/// Where what runs is to be found. Secrets are not in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// One `http://` address for each copy.
    pub gateways: Vec<String>,
    /// Redis' loopback port.
    pub redis_port: u16,
    /// Postgres' loopback port.
    pub postgres_port: u16,
    /// Where it was started too.
    #[serde(default)]
    pub prometheus: Option<String>,
    /// Where traces are shown.
    #[serde(default)]
    pub traces: Option<String>,
    /// The `http://` address of each program's ops port, by the program's name.
    #[serde(default)]
    pub ops: BTreeMap<String, String>,
}

/// A process, told from any later one that is given the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// What it is: `redis`, `postgres`, `onsale-gateway-1`, and so on.
    pub name: String,
    /// The process's id.
    pub pid: i32,
    /// When it started, in clock ticks since the machine did.
    pub start_time: u64,
}

impl Record {
    pub(crate) fn write(&self, path: &Path) -> Result<(), StackError> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| StackError::file(path)(error.into()))?;
        fs::write(path, text).map_err(StackError::file(path))
    }

    /// Reads what runs; `None` where nothing says so.
    ///
    /// # Errors
    /// The file cannot be read or understood.
    pub fn read(path: &Path) -> Result<Option<Self>, StackError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StackError::file(path)(error)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| StackError::file(path)(error.into()))
    }
}

impl Running {
    /// The process of that id, while it runs.
    #[must_use]
    pub fn now(name: &str, pid: i32) -> Option<Self> {
        procfs::start_time(pid).map(|start_time| Self { name: name.to_owned(), pid, start_time })
    }

    /// This process.
    pub(crate) fn this(name: &str) -> Result<Self, StackError> {
        let this = i32::try_from(std::process::id()).ok().and_then(|pid| Self::now(name, pid));
        this.ok_or_else(|| StackError::System {
            name: name.to_owned(),
            action: "learn this process's start time",
            source: io::Error::from(ErrorKind::NotFound),
        })
    }

    /// Whether it still runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        procfs::start_time(self.pid) == Some(self.start_time)
    }

    /// Signals the process, unless the id is another one's by now.
    pub fn signal(&self, signal: Signal) {
        if self.runs() {
            // It may end just now, which is as well.
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_another_process_has_by_now_is_left_alone() {
        let this = Running::this("this").unwrap();
        assert!(this.runs());
        let earlier = Running { start_time: this.start_time + 1, ..this };
        assert!(!earlier.runs());
        // Would end the test if it were sent.
        earlier.signal(Signal::SIGKILL);
    }

    #[test]
    fn a_record_of_an_earlier_version_is_understood() {
        let text = r#"{"gateways": ["http://127.0.0.1:8080"], "redis_port": 1, "postgres_port": 2}"#;
        let addresses: Addresses = serde_json::from_str(text).unwrap();
        assert_eq!((addresses.prometheus, addresses.ops.len()), (None, 0));
    }
}
