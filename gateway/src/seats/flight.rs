use std::{
    sync::{Mutex as Lock, PoisonError},
    time::Instant,
};

use tokio::sync::Mutex;

/// One call at a time for what many want at once: whoever comes while it is under way gets what it brings.
#[derive(Debug)]
pub(crate) struct Flight<T> {
    turn: Mutex<()>,
    /// What the last one brought, and when.
    last: Lock<Option<(Instant, T)>>,
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self { turn: Mutex::default(), last: Lock::default() }
    }
}

impl<T: Clone> Flight<T> {
    /// What a call brings that ends from now on: of the one that is under way, or of this one. Where its caller goes
    /// away, the call ends, and the next who waits makes its own.
    pub(crate) async fn join(&self, call: impl Future<Output = T>) -> T {
        let came_at = Instant::now();
        let _turn = self.turn.lock().await;
        let brought = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, outcome)) = brought.filter(|(at, _)| *at >= came_at) {
            return outcome;
        }
        let outcome = call.await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), outcome.clone()));
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_come_meanwhile_share_and_those_who_come_later_do_not() {
        let (flight, calls) = (Flight::default(), AtomicU32::new(0));
        let call = || async {
            tokio::task::yield_now().await;
            calls.fetch_add(1, Ordering::Relaxed)
        };
        let (a, b, c) = tokio::join!(flight.join(call()), flight.join(call()), flight.join(call()));
        assert_eq!((a, b, c), (0, 0, 0));
        assert_eq!(flight.join(call()).await, 1);
    }
}
