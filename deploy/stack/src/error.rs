use std::{io, net::SocketAddr, path::PathBuf, process::ExitStatus, time::Duration};

/// Why a server is not there, or does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A program is not on this machine.
    #[error("{program} is not installed: {remedy}")]
    NotInstalled {
        /// The program's name.
        program: String,
        /// What to do about it.
        remedy: String,
    },
    /// A process could not be started, or a signal not be sent.
    #[error("{name}: {action}: {source}")]
    System {
        /// The server's name.
        name: String,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A file or folder could not be made, read or removed.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The server ended by itself.
    #[error("{name} ended with {status}; the end of its log:\n{log}")]
    Ended {
        /// The server's name.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its log.
        log: String,
    },
    /// The server runs, and does not do what was waited for.
    #[error("{name}: {condition}: not within {within:?}; the end of its log:\n{log}")]
    TimedOut {
        /// The server's name.
        name: String,
        /// What was waited for.
        condition: &'static str,
        /// How long.
        within: Duration,
        /// The last lines of its log.
        log: String,
    },
    /// A tool of the server's, such as `initdb`, refused.
    #[error("{tool}: {reason}")]
    Refused {
        /// The tool's name.
        tool: String,
        /// What it says.
        reason: String,
    },
    /// Every port that may be taken is taken.
    #[error("no free port between {from} and {to}")]
    NoPort {
        /// The lowest that was tried.
        from: u16,
        /// The highest that was tried.
        to: u16,
    },
    /// The address that a gateway was to listen on is another's.
    #[error("the gateway cannot listen on {address}: {source}")]
    AddressTaken {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A stack runs in the folder already.
    #[error("Onsale is up already; deploy/down stops it")]
    IsUp,
    /// No stack runs in the folder.
    #[error("nothing is up; start it by deploy/up --detach")]
    IsDown,
    /// The stack in the folder is not ready yet.
    #[error("it is still starting")]
    IsStarting,
    /// No gateway answers.
    #[error("{question}: {source}")]
    NoAnswer {
        /// What was asked.
        question: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// A gateway does not do what an operator asks.
    #[error("{question}: the gateway answers {status}: {reason}")]
    Denied {
        /// What was asked.
        question: String,
        /// The answer's status.
        status: u16,
        /// What it says.
        reason: String,
    },
}

impl StackError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
