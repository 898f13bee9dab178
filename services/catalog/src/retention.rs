//! Forgets what is kept only for a time: events of seats, holds that have ended, answers to keys. One copy at a time
//! does it, in bounded writes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use crate::store::{Forgettable, StoreError, UpkeepStore};

/// How often to look.
const PERIOD: Duration = Duration::from_mins(1);

/// At most so many rows in one write.
const AT_ONCE: u32 = 2_000;

/// Between two writes, so that the buyers' come first.
const PAUSE: Duration = Duration::from_millis(100);

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events of seats.
    pub events: Duration,
    /// Holds that have ended or were released.
    pub holds: Duration,
    /// Answers to keys; not less than a day.
    pub answers: Duration,
}

impl Retention {
    /// Forgets without end. While the store is away nothing is forgotten.
    pub(crate) async fn keep(self, store: Arc<dyn UpkeepStore>) -> Infallible {
        loop {
            tokio::time::sleep(PERIOD).await;
            if let Err(error) = self.forget(&*store).await {
                tracing::debug!(%error, "not all was forgotten");
            }
        }
    }

    /// Forgets all that is older, or as much as there was before another copy took over.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn forget(self, store: &dyn UpkeepStore) -> Result<(), StoreError> {
        let kept = [
            (Forgettable::Events, self.events),
            (Forgettable::Holds, self.holds),
            (Forgettable::Answers, self.answers),
        ];
        for (what, older_than) in kept {
            while store.forget(what, older_than, AT_ONCE).await? == Some(AT_ONCE) {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}
