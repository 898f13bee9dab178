use fred::error::{Error, ErrorKind};
use onsale_telemetry::StoreFault;

/// Why Redis gave no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The address cannot be read. Not shown: it may hold a password.
    #[error("the redis address is malformed")]
    Address,
    /// Nobody answers, or not in time, or the server takes no writes just now.
    #[error("redis is away")]
    Away,
    /// The server is another one than before, and what it may have lost is still being fenced.
    #[error("the room is being fenced after a loss in redis")]
    Fencing,
    /// There is no such room.
    #[error("there is no such room")]
    NoRoom,
    /// The room is in another epoch than the call was made for.
    #[error("the room is in another epoch")]
    Epoch,
    /// The room's policy is another version than the change was made for.
    #[error("the policy is another version")]
    Version,
    /// The room's mode does not allow the change.
    #[error("the mode does not allow it")]
    Mode,
    /// What Redis holds or answers is not what scripts of ours write.
    #[error("redis answered {script} with a wrong {field}")]
    Corrupt {
        /// The script.
        script: &'static str,
        /// What could not be read.
        field: &'static str,
    },
    /// The script is not loaded. Never leaves the store.
    #[error("the script is not loaded")]
    NoScript,
    /// An error that none of the above is.
    #[error("redis refused: {0}")]
    Refused(String),
}

/// Error codes by which a server says that it cannot serve now, and may soon.
const PASSING: [&str; 8] =
    ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "OOM", "BUSY"];

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let details = error.details();
        let code = details.split_whitespace().next().unwrap_or_default();
        match (error.kind(), code) {
            (_, "FENCE") => Self::Fencing,
            (_, "NOROOM") => Self::NoRoom,
            (_, "EPOCH") => Self::Epoch,
            (_, "VERSION") => Self::Version,
            (_, "MODE") => Self::Mode,
            (_, "NOSCRIPT") => Self::NoScript,
            (_, code) if PASSING.contains(&code) => Self::Away,
            (ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled | ErrorKind::Backpressure, _) => {
                Self::Away
            }
            _ => Self::Refused(details.to_owned()),
        }
    }
}

impl From<&StoreError> for StoreFault {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Away => Self::Away,
            // A script that is not loaded yet is refused once, and loaded.
            StoreError::Fencing
            | StoreError::NoRoom
            | StoreError::Epoch
            | StoreError::Version
            | StoreError::Mode
            | StoreError::NoScript => Self::Refused,
            StoreError::Address | StoreError::Corrupt { .. } | StoreError::Refused(_) => Self::Broken,
        }
    }
}
