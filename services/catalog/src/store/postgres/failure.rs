//! What a failure of the driver means, decided once.

use std::error::Error as StdError;

use sqlx::Error;

use crate::store::StoreError;

/// SQLSTATE classes and codes after which asking again may help: connection failures, shortage,
/// shutting down or starting, a statement cut off by its bound, lost races, a server that a
/// failover has made read-only, one that refuses our credentials or has no such database: those
/// are put right from outside, without a restart of ours.
const PASSING: [&str; 9] = ["08", "53", "57", "58", "40", "28", "3D000", "55P03", "25006"];

/// Tables, columns and functions that are not there: this database is not migrated yet.
const NOT_MIGRATED: [&str; 3] = ["42P01", "42703", "42883"];

/// A lock was not given within the bound on waiting for one.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A row that the schema should have made impossible.
#[derive(Debug, thiserror::Error)]
#[error("{table} {id}: {problem}")]
pub(super) struct Inconsistent {
    pub(super) table: &'static str,
    pub(super) id: i64,
    pub(super) problem: &'static str,
}

impl From<Inconsistent> for StoreError {
    fn from(inconsistent: Inconsistent) -> Self {
        Self::Broken(inconsistent.into())
    }
}

/// Sorts a failure of the driver into those that pass and those that do not.
pub(super) fn classify(error: Error) -> StoreError {
    if is_code(&error, LOCK_NOT_AVAILABLE) {
        return StoreError::Busy(error.into());
    }
    if passes(&error) { away(error) } else { StoreError::Broken(error.into()) }
}

/// A failure after which asking again may help.
pub(super) fn away(error: impl Into<Box<dyn StdError + Send + Sync>>) -> StoreError {
    StoreError::Away(error.into())
}

fn is_code(error: &Error, code: &str) -> bool {
    matches!(error, Error::Database(database) if database.code().is_some_and(|found| found == code))
}

/// Whether asking again after this failure may help.
pub(super) fn passes(error: &Error) -> bool {
    if let Error::Database(database) = error {
        return database.code().is_some_and(|code| {
            PASSING.iter().any(|start| code.starts_with(start)) || NOT_MIGRATED.contains(&code.as_ref())
        });
    }
    // A protocol error is what a server says that is killed while it answers.
    matches!(
        error,
        Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed
    )
}
