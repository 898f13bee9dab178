//! Buyers, all at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinSet;

use super::{buyer::Buyer, house::House, tally::Tally};
use crate::running::PATIENCE;

/// What a crowd wants.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) buyers: u32,
    /// At most so many seats at once.
    pub(super) most_seats: u32,
    /// All together ask for seats at least so often.
    pub(super) attempts: usize,
    /// Whether most sales stay; else all are cancelled.
    pub(super) keep_sales: bool,
    /// Whether some go away without a word; else seats are free again as soon as can be, and wanted all the more.
    pub(super) dawdle: bool,
}

/// How far a crowd has come.
pub(super) struct Progress {
    pub(super) attempts: AtomicUsize,
    wanted: usize,
    keep_on: AtomicBool,
}

impl Progress {
    /// Takes the next attempt, if there is one more.
    pub(super) fn next(&self) -> bool {
        let before = self.attempts.fetch_add(1, Ordering::SeqCst);
        before < self.wanted || self.keep_on.load(Ordering::SeqCst)
    }
}

/// A crowd that wants seats.
pub(super) struct Crowd {
    progress: Arc<Progress>,
    buyers: JoinSet<Tally>,
}

impl Crowd {
    pub(super) fn let_in(house: &House, wish: Wish) -> Self {
        let progress = Progress {
            attempts: AtomicUsize::new(0),
            wanted: wish.attempts,
            keep_on: AtomicBool::new(false),
        };
        let (progress, mut buyers) = (Arc::new(progress), JoinSet::new());
        let clients = house.clients();
        for number in 0..wish.buyers {
            let buyer = Buyer::new(number, house, clients.clone(), wish);
            let progress = Arc::clone(&progress);
            buyers.spawn(async move { buyer.buy(&progress).await });
        }
        Self { progress, buyers }
    }

    /// Goes on until it is asked to end, also after its attempts.
    pub(super) fn and_keep_on(self) -> Self {
        self.progress.keep_on.store(true, Ordering::SeqCst);
        self
    }

    pub(super) async fn until_more_attempts(&self, more: usize) {
        let now = || self.progress.attempts.load(Ordering::SeqCst);
        let wanted = now() + more;
        tokio::time::timeout(3 * PATIENCE, async {
            while now() < wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("buyers who ask");
    }

    /// Lets everybody finish what is in doubt, and tells what they were told.
    pub(super) async fn until_done(mut self) -> Tally {
        self.progress.keep_on.store(false, Ordering::SeqCst);
        let mut all = Tally::default();
        while let Some(tally) = self.buyers.join_next().await {
            all.add(tally.expect("no buyer is in doubt for good"));
        }
        all
    }
}
