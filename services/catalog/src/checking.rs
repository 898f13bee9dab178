//! Looks now and then whether what has to hold does: `onsale-catalog check`, at schedules that are on sale and at what
//! happened of late.
//!
//! One copy looks for all, and all tell what it found. Nothing is put right: what is found is for an operator, to whom an
//! alert on `onsale.catalog.broken_invariants` says so.

use std::{convert::Infallible, sync::Arc, time::Duration};

use crate::{
    domain::Finding,
    metrics::{Look, UpkeepMetrics},
    store::{InvariantStore, StoreError},
};

/// Before the first look: the store is brought into use meanwhile.
const AT_FIRST: Duration = Duration::from_secs(5);

/// Looks for as long as the program runs.
pub(crate) struct Checker {
    store: Arc<dyn InvariantStore>,
    metrics: UpkeepMetrics,
    period: Duration,
}

impl Checker {
    pub(crate) fn new(store: Arc<dyn InvariantStore>, metrics: UpkeepMetrics, period: Duration) -> Self {
        Self { store, metrics, period }
    }

    /// Looks without end; never where the period is zero.
    pub(crate) async fn run(&self) -> Infallible {
        if self.period.is_zero() {
            return std::future::pending().await;
        }
        tokio::time::sleep(self.period.min(AT_FIRST)).await;
        loop {
            if let Err(error) = self.look().await {
                self.metrics.looked(Look::Failed);
                tracing::debug!(%error, "not known whether what has to hold does");
            }
            tokio::time::sleep(self.period).await;
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let looked = self.store.look(self.period).await?;
        self.metrics.broken(&looked.broken);
        if let Some(findings) = looked.findings {
            let is_whole = findings.iter().all(|finding| finding.broken.is_empty());
            self.metrics.looked(if is_whole { Look::Whole } else { Look::Broken });
            findings.iter().for_each(tell);
        }
        Ok(())
    }
}

/// One line for each thing that is not so as a whole: the first of what was found shows where to look.
fn tell(finding: &Finding) {
    if let Some(first) = finding.broken.first() {
        let (invariant, says, broken) = (finding.invariant.name(), finding.says, finding.broken.len());
        tracing::error!(invariant, says, broken, first, "what has to hold does not");
    }
}
