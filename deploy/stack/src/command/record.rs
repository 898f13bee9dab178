use std::{fs, io::ErrorKind, path::Path};

use anyhow::Context as _;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use onsale_stack::procfs;
use serde::{Deserialize, Serialize};

/// What runs, for whoever stops it from another terminal.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// The process that started the others, and stops them when it is asked to end.
    pub(super) starter: Running,
    /// The servers and programs.
    pub(super) started: Vec<Running>,
    /// Where they are, once all are ready.
    #[serde(default)]
    pub(super) addresses: Option<Addresses>,
}

/// Where what runs is to be found. Secrets are not in here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Addresses {
    /// One `http://` address for each copy.
    pub(super) gateways: Vec<String>,
    pub(super) redis_port: u16,
    pub(super) postgres_port: u16,
    /// Where it was started too.
    #[serde(default)]
    pub(super) prometheus: Option<String>,
    /// Where traces are shown.
    #[serde(default)]
    pub(super) traces: Option<String>,
}

/// A process, told from any later one that is given the same id.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Running {
    pub(super) name: String,
    pid: i32,
    start_time: u64,
}

impl Record {
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        fs::write(path, text).with_context(|| format!("write {}", path.display()))
    }

    pub(super) fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
        };
        serde_json::from_slice(&text).map(Some).with_context(|| format!("understand {}", path.display()))
    }
}

impl Running {
    /// The process of that id, while it runs.
    pub(super) fn now(name: &str, pid: i32) -> Option<Self> {
        procfs::start_time(pid).map(|start_time| Self { name: name.to_owned(), pid, start_time })
    }

    pub(super) fn this(name: &str) -> Option<Self> {
        Self::now(name, i32::try_from(std::process::id()).ok()?)
    }

    pub(super) fn runs(&self) -> bool {
        procfs::start_time(self.pid) == Some(self.start_time)
    }

    /// Signals the process, unless the id is another one's by now.
    pub(super) fn signal(&self, signal: Signal) {
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
}
