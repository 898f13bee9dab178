//! The port of who looks whether what has to hold does.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{Finding, Invariant};

/// What is known of what has to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// How many things are not so, by the last look, whichever copy's. Empty where none has looked yet.
    pub broken: BTreeMap<Invariant, u32>,
    /// What was found, where it was this copy that looked just now.
    pub findings: Option<Vec<Finding>>,
}

/// The catalog's store, for who looks.
#[async_trait]
pub trait InvariantStore: Send + Sync {
    /// Looks at schedules that are on sale and at what happened of late, within a bounded time, unless some copy does so
    /// just now or has within `period`.
    async fn look(&self, period: Duration) -> Result<Looked, StoreError>;
}
