//! Sends what arrives while one call is in flight together in the next.
//!
//! Joins come in bursts, and a call's cost is mostly its own and not its items':
//! so a caller hands its item to a [`Batcher`], which keeps up to `lanes` calls
//! in flight and gives each the items that gathered meanwhile. An item that
//! finds none in flight leaves at once, alone, and batches grow with the load
//! by themselves. While a call is under way that had room for more, the next
//! waits for it, for as long as its `patience` lasts: RFC 896 does the same with
//! segments. Used twice on the way of a join, in the gateway towards `queue` and
//! in `queue` towards Redis.
//!
//! An item is refused at once when the waiting line is full ([`BatchError::Full`]),
//! so memory stays bounded, and a caller that gives up takes nothing with it:
//! its item may still be sent, and its answer is dropped.
//!
//! A call that carries items of several requests belongs to none of their traces alone: see [`span_of`].

mod span;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::timeout,
};

pub use span::span_of;

/// Hands single items to calls that take many.
#[derive(Debug)]
pub struct Batcher<I, O> {
    items: mpsc::Sender<Waiting<I, O>>,
}

/// An item, and where its answer goes.
type Waiting<I, O> = (I, oneshot::Sender<O>);

/// How many items travel together, and how many wait to.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
    /// Items in one call at most, from 1.
    pub items: usize,
    /// Calls in flight at most, from 1.
    pub lanes: usize,
    /// How long the next call waits for one that is under way and had room for more; zero for not at all. Longer than a call takes
    /// under load, so that few calls carry what comes meanwhile, and no longer than anybody may be held up by a call that stands still.
    pub patience: Duration,
    /// Items that may wait for a lane, from 1.
    pub waiting: usize,
}

/// Why an item has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// As many items wait as may.
    #[error("too many items wait to be sent")]
    Full,
    /// The call ended without an answer for the item: it panicked, gave too few, or the program stops.
    #[error("the call ended without an answer")]
    Lost,
}

impl<I: Send + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts the lanes on the current runtime. `call` answers each item, in the items' order.
    ///
    /// The lanes end when the batcher is dropped and what waited is answered.
    pub fn start<F, R>(limits: BatchLimits, call: F) -> Self
    where
        F: Fn(Vec<I>) -> R + Send + Sync + 'static,
        R: Future<Output = Vec<O>> + Send + 'static,
    {
        let (items, receiver) = mpsc::channel(limits.waiting.max(1));
        let receiver = Arc::new(Mutex::new(receiver));
        let call = Arc::new(call);
        for _ in 0..limits.lanes.max(1) {
            tokio::spawn(lane(Arc::clone(&receiver), Arc::clone(&call), limits));
        }
        Self { items }
    }

    /// Sends an item with the next call and waits for its answer.
    ///
    /// # Errors
    /// [`BatchError`]; the caller sets the deadline.
    pub async fn submit(&self, item: I) -> Result<O, BatchError> {
        let (answer, answered) = oneshot::channel();
        self.items.try_send((item, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => BatchError::Full,
            mpsc::error::TrySendError::Closed(_) => BatchError::Lost,
        })?;
        answered.await.map_err(|_| BatchError::Lost)
    }
}

async fn lane<I, O, F, R>(
    receiver: Arc<Mutex<mpsc::Receiver<Waiting<I, O>>>>,
    call: Arc<F>,
    limits: BatchLimits,
) where
    I: Send + 'static,
    O: Send + 'static,
    F: Fn(Vec<I>) -> R + Send + Sync + 'static,
    R: Future<Output = Vec<O>> + Send + 'static,
{
    let most = limits.items.max(1);
    loop {
        let mut gathered = Vec::new();
        // One lane gathers at a time, and the next one not before this call is full, answered or slow.
        let mut gathering = receiver.lock().await;
        if gathering.recv_many(&mut gathered, most).await == 0 {
            return;
        }
        let (items, answers): (Vec<_>, Vec<_>) = gathered.into_iter().unzip();
        // A call that panics loses its own items, not the lane.
        let mut calling = tokio::spawn(call(items));
        let within =
            if answers.len() < most { timeout(limits.patience, &mut calling).await.ok() } else { None };
        drop(gathering);
        let called = match within {
            Some(called) => called,
            None => calling.await,
        };
        let Ok(results) = called else { continue };
        for (answer, result) in answers.into_iter().zip(results) {
            // Whoever asked may have given up; nobody else wants the answer.
            drop(answer.send(result));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    const LIMITS: BatchLimits = BatchLimits { items: 4, lanes: 1, patience: Duration::ZERO, waiting: 8 };

    type Sizes = Arc<std::sync::Mutex<Vec<usize>>>;

    /// A batcher whose calls wait for a permit each, and the sizes of its calls.
    fn gated(limits: BatchLimits) -> (Arc<Batcher<u32, u32>>, Arc<Semaphore>, Sizes) {
        let gate = Arc::new(Semaphore::new(0));
        let sizes = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (inner_gate, inner_sizes) = (Arc::clone(&gate), Arc::clone(&sizes));
        let batcher = Batcher::start(limits, move |items: Vec<u32>| {
            let gate = Arc::clone(&inner_gate);
            inner_sizes.lock().unwrap().push(items.len());
            async move {
                gate.acquire().await.unwrap().forget();
                items.into_iter().map(|item| item * 10).collect()
            }
        });
        (Arc::new(batcher), gate, sizes)
    }

    #[tokio::test]
    async fn items_that_come_during_a_call_travel_together_and_each_gets_its_own_answer() {
        let (batcher, gate, sizes) = gated(LIMITS);
        let calls: Vec<_> = (0..6)
            .map(|item| {
                let batcher = Arc::clone(&batcher);
                tokio::spawn(async move { batcher.submit(item).await })
            })
            .collect();
        gate.add_permits(6);
        for (item, call) in (0..).zip(calls) {
            assert_eq!(call.await.unwrap(), Ok(item * 10));
        }
        let sizes = sizes.lock().unwrap().clone();
        assert_eq!(sizes.iter().sum::<usize>(), 6);
        assert!(sizes.len() < 6 && sizes.iter().all(|size| *size <= LIMITS.items), "{sizes:?}");
    }

    /// Submits so many items, and lets everything run that can.
    async fn arrive(batcher: &Arc<Batcher<u32, u32>>, items: u32) {
        for item in 0..items {
            let batcher = Arc::clone(batcher);
            tokio::spawn(async move { batcher.submit(item).await });
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_call_waits_for_one_with_room_but_not_for_one_that_stands_still() {
        let patience = Duration::from_millis(50);
        let (batcher, _gate, sizes) = gated(BatchLimits { lanes: 3, patience, ..LIMITS });
        for _ in 0..3 {
            arrive(&batcher, 1).await;
        }
        assert_eq!(*sizes.lock().unwrap(), [1], "two wait for the first");

        tokio::time::advance(patience).await;
        arrive(&batcher, 0).await;
        assert_eq!(*sizes.lock().unwrap(), [1, 2], "it stands still, and they go together");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_call_that_is_full_or_answered() {
        let patience = Duration::from_secs(1);
        let (batcher, gate, sizes) = gated(BatchLimits { lanes: 3, patience, ..LIMITS });
        arrive(&batcher, 5).await;
        assert_eq!(*sizes.lock().unwrap(), [4, 1]);
        arrive(&batcher, 2).await;
        assert_eq!(*sizes.lock().unwrap(), [4, 1], "there is room in the second");

        gate.add_permits(2);
        arrive(&batcher, 0).await;
        assert_eq!(*sizes.lock().unwrap(), [4, 1, 2]);
    }

    #[tokio::test]
    async fn a_full_line_refuses_at_once() {
        let (batcher, _gate, sizes) = gated(LIMITS);
        arrive(&batcher, 1).await;
        assert_eq!(*sizes.lock().unwrap(), [1], "in flight");
        arrive(&batcher, 8).await;
        assert_eq!(batcher.submit(9).await, Err(BatchError::Full));
    }

    #[tokio::test]
    async fn a_call_that_panics_loses_its_items_and_no_others() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let batcher = Batcher::start(LIMITS, move |items: Vec<u32>| {
            let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                assert!(!first, "the first call panics");
                items
            }
        });
        assert_eq!(batcher.submit(1).await, Err(BatchError::Lost));
        assert_eq!(batcher.submit(2).await, Ok(2));
    }
}
