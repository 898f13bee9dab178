use std::{io, time::Duration};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// When to stop: softly first, then hard. Clones share one state.
#[derive(Clone, Debug)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
    grace: Duration,
}

impl Shutdown {
    /// A shutdown that nobody has asked for, with `grace` between soft and hard. Listens to no signal.
    #[must_use]
    pub fn new(grace: Duration) -> Self {
        Self { soft: CancellationToken::new(), hard: CancellationToken::new(), grace }
    }

    /// Cancelled when the program should take on nothing new and finish what is in flight.
    #[must_use]
    pub fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Cancelled when the program should stop at once. Never before [`Self::soft`].
    #[must_use]
    pub fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Begins to stop, and stops hard when the grace period is over. Needs a tokio runtime.
    pub fn begin(&self) {
        if self.soft.is_cancelled() {
            return;
        }
        self.soft.cancel();
        let shutdown = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(shutdown.grace) => shutdown.hard.cancel(),
                () = shutdown.hard.cancelled() => {}
            }
        });
    }

    /// Stops at once.
    pub fn abort(&self) {
        self.soft.cancel();
        self.hard.cancel();
    }

    /// Begins on the first SIGTERM or SIGINT, and aborts on the second. Needs a tokio runtime.
    ///
    /// # Errors
    /// The system does not let the program handle the signals.
    pub(crate) fn on_signals(&self) -> io::Result<()> {
        let mut signals = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let shutdown = self.clone();
        tokio::spawn(async move {
            let name = next(&mut signals).await;
            tracing::info!(signal = name, grace = ?shutdown.grace, "stopping");
            shutdown.begin();
            let name = next(&mut signals).await;
            tracing::warn!(signal = name, "stopping at once");
            shutdown.abort();
        });
        Ok(())
    }
}

async fn next((terminate, interrupt): &mut (Signal, Signal)) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn hard_follows_soft_after_the_grace_period() {
        let shutdown = Shutdown::new(Duration::from_secs(7));
        let start = tokio::time::Instant::now();

        shutdown.begin();

        assert!(shutdown.soft().is_cancelled());
        assert!(!shutdown.hard().is_cancelled());
        shutdown.hard().cancelled().await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn beginning_again_does_not_start_the_grace_period_anew() {
        let shutdown = Shutdown::new(Duration::from_secs(7));
        let start = tokio::time::Instant::now();
        shutdown.begin();
        tokio::time::sleep(Duration::from_secs(5)).await;

        shutdown.begin();

        shutdown.hard().cancelled().await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }

    #[tokio::test]
    async fn aborting_is_soft_too() {
        let shutdown = Shutdown::new(Duration::from_secs(7));
        shutdown.abort();
        assert!(shutdown.soft().is_cancelled() && shutdown.hard().is_cancelled());
    }
}
