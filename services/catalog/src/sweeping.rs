//! Notices that holds have ended. Every copy does it, each second, in bounded writes that pass by what another is
//! busy with.
//!
//! Nothing depends on it: a hold ends by its instant, and its seats are free from then on. What the sweeper adds is
//! the event that says so, and reads that do not have to count the seats of blocks in which a hold has ended.

use std::{convert::Infallible, sync::Arc, time::Duration};

use onsale_telemetry::Meter;
use opentelemetry::metrics::Counter;

use crate::store::{StoreError, UpkeepStore};

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
    /// `onsale.catalog.holds.ended`.
    ended: Counter<u64>,
}

impl Sweeper {
    pub(crate) fn new(store: Arc<dyn UpkeepStore>, meter: &Meter) -> Self {
        let ended = meter
            .u64_counter("onsale.catalog.holds.ended")
            .with_description("Holds whose end this copy has noticed")
            .build();
        Self { store, ended }
    }

    /// Sweeps without end. While the store is away nothing is swept, and nothing is wrong for it.
    pub(crate) async fn run(&self) -> Infallible {
        for round in 0.. {
            tokio::time::sleep(PERIOD).await;
            if let Err(error) = self.sweep(round).await {
                tracing::debug!(%error, "not swept");
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
            self.ended.add(ended.into(), &[]);
        }
        if round.is_multiple_of(BLOCKS_EVERY) {
            self.store.settle_past_ends(BLOCKS_AT_ONCE).await?;
        }
        Ok(())
    }
}
