//! Waiting for what has to happen.

use std::time::{Duration, Instant};

/// Longer than anything takes that happens at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until it is so, and says how long that took.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) -> Duration {
    let began_at = Instant::now();
    let holds = || async { holds().await.then_some(()) };
    assert!(onsale_stack::until(PATIENCE, holds).await.is_some(), "waited in vain for {what}");
    began_at.elapsed()
}
