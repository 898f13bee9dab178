use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use onsale_process::Condition;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    failure::Failure,
    rooms::{Rooms, sessions::SessionKey},
};

/// Keeps the views young; never ends. `ready` is met from the first view on: an old one still answers those who
/// wait, and whether the queue is there is another condition's to say.
pub(crate) async fn keep_synced(rooms: Arc<Rooms>, every: Duration, ready: Condition) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_well = true;
    loop {
        ticks.tick().await;
        let outcome = rooms.sync().await;
        let is_well = outcome.is_ok();
        match outcome {
            Ok(()) => ready.ready(),
            Err(failure) if was_well => tracing::warn!(%failure, "rooms are not synced"),
            Err(_) => {}
        }
        if is_well && !was_well {
            tracing::info!("rooms are synced again");
        }
        was_well = is_well;
    }
}

impl Rooms {
    /// Exchanges what this gateway knows for what a copy of the queue knows.
    async fn sync(&self) -> Result<(), Failure> {
        let (seen, concert_rooms_version) = self.views.seen();
        // The age is counted from the moment of asking: nothing told can be younger than that.
        let asked = Instant::now();
        let news = match self.queue.sync(seen, concert_rooms_version).await {
            Ok(news) => news,
            Err(failure) => {
                self.metrics.sync_failed();
                return Err(failure);
            }
        };
        for revoked in self.views.learn(news, asked) {
            for number in revoked.numbers {
                self.sessions.end(SessionKey { generation: revoked.generation, number });
            }
        }
        Ok(())
    }
}
