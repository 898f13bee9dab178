//! The port of what is done to the store beside what is asked of it.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;

/// What is kept only for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgettable {
    /// The events of seats.
    Events,
    /// Holds that have ended or were released. One that was sold stays with its sale.
    Holds,
    /// The answers kept under keys.
    Answers,
}

/// The catalog's store, for its upkeep. Each operation is one bounded write, and every copy may do it at once.
#[async_trait]
pub trait UpkeepStore: Send + Sync {
    /// Notes that holds have ended, at most so many, of one schedule; tells how many.
    async fn end_holds(&self, at_most: u32) -> Result<u32, StoreError>;

    /// How long ago the oldest hold ended that nobody has noticed; none where there is none.
    async fn oldest_unnoticed_end(&self) -> Result<Option<Duration>, StoreError>;

    /// Puts right, for at most so many blocks, when their first hold ends; tells for how many.
    async fn settle_past_ends(&self, at_most: u32) -> Result<u32, StoreError>;

    /// Forgets at most so many of what is older; tells how many, none while another copy forgets.
    async fn forget(
        &self,
        what: Forgettable,
        older_than: Duration,
        at_most: u32,
    ) -> Result<Option<u32>, StoreError>;
}
