//! Notices that holds have ended. Every copy does it, each second, in bounded writes that pass by what another is
//! busy with.
//!
//! Nothing depends on it: a hold ends by its instant, and its seats are free from then on. What the sweeper adds is
//! the event that says so, and reads that do not have to count the seats of blocks in which a hold has ended.

use std::{convert::Infallible, sync::Arc, time::Duration};

use crate::{
    metrics::UpkeepMetrics,
    store::{StoreError, UpkeepStore},
};

/// How often to look.
const PERIOD: Duration = Duration::from_secs(1);

/// At most so many holds in one write, all of one schedule: its seats are locked for as long as that takes.
const HOLDS_AT_ONCE: u32 = 100;

/// At most so many writes each time; what is left then waits for the next.
const WRITES: usize = 50;

/// Blocks are looked through each time that this many rounds have passed: it reads all that there are.
const BLOCKS_EVERY: u64 = 10;

/// At most so many blocks in one write.
const BLOCKS_AT_ONCE: u32 = 500;

/// Sweeps for as long as the program runs.
pub(crate) struct Sweeper {
    store: Arc<dyn UpkeepStore>,
    metrics: UpkeepMetrics,
}

impl Sweeper {
    pub(crate) fn new(store: Arc<dyn UpkeepStore>, metrics: UpkeepMetrics) -> Self {
        Self { store, metrics }
    }

    /// Sweeps without end. While the store is away nothing is swept, and nothing is wrong for it.
    pub(crate) async fn run(&self) -> Infallible {
        for round in 0.. {
            tokio::time::sleep(PERIOD).await;
            if let Err(error) = self.sweep(round).await {
                tracing::debug!(%error, "not swept");
            }
            // Whatever came of sweeping, and also when another copy did it: that nobody does is what is to be seen.
            match self.store.oldest_unnoticed_end().await {
                Ok(ended_ago) => self.metrics.sweep_is_behind(ended_ago.unwrap_or_default()),
                Err(error) => tracing::debug!(%error, "not known how far sweeping is behind"),
            }
        }
        std::future::pending().await
    }

    async fn sweep(&self, round: u64) -> Result<(), StoreError> {
        for _ in 0..WRITES {
            let ended = self.store.end_holds(HOLDS_AT_ONCE).await?;
            if ended == 0 {
                break;
            }
            self.metrics.holds_ended(ended);
        }
        if round.is_multiple_of(BLOCKS_EVERY) {
            self.store.settle_past_ends(BLOCKS_AT_ONCE).await?;
        }
        Ok(())
    }
}
