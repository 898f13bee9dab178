//! Waiting rooms as the gateway serves them: from views that it pulls, and by asking the queue where it must.
//!
//! [`Rooms`] is what the HTTP handlers use; one use case is one file. Most of what is asked is where a visitor
//! stands, and most of that is answered from [`views`] by a subtraction, without a call.

mod admin;
mod admission;
mod answers;
mod buying;
mod join;
mod known;
mod leave;
mod news;
mod place;
mod public;
mod sessions;
mod status;
mod sync;
mod views;

use std::{sync::Arc, time::Duration};

use onsale_batch::Batcher;
use onsale_token::{Keyring, QueueToken, TokenError};

use crate::{config::LimitsConfig, metrics::Metrics, upstream::QueueClient};

pub(crate) use admin::{Policy, RoomState};
pub(crate) use admission::NotAdmitted;
pub(crate) use join::{Join, JoinError, JoinRefusal, Joined, RefusalReason};
pub(crate) use news::{ConcertRooms, News, RoomNews, Seen};
pub(crate) use place::{Place, Session, Standing, Standpoint};
pub(crate) use public::PublicRoom;
pub(crate) use status::StatusError;
pub(crate) use sync::keep_synced;

use join::JoinItem;
use sessions::Sessions;
use views::Views;

/// The rooms, for whoever has to answer a visitor.
pub(crate) struct Rooms {
    keyring: Keyring,
    views: Views,
    sessions: Sessions,
    queue: Arc<QueueClient>,
    joins: Batcher<JoinItem, Result<Joined, JoinError>>,
    bounds: Bounds,
    metrics: Metrics,
}

/// How old a view may be, and how long a visitor waits for a join.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    stale_after: Duration,
    view_max_age: Duration,
    join: Duration,
}

/// What a visitor shows.
#[derive(Debug)]
pub(crate) enum Presented {
    /// No token.
    Nothing,
    /// Something that is no valid token; why, nobody is told.
    Invalid,
    /// A token that was made here and is not too old.
    Token(Shown),
}

/// A valid token, as text for the queue and as what it states.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) token: QueueToken,
}

impl Rooms {
    /// Starts to take joins; needs a tokio runtime. Nothing is known until the first sync.
    pub(crate) fn start(
        keyring: Keyring,
        queue: Arc<QueueClient>,
        limits: &LimitsConfig,
        metrics: Metrics,
    ) -> Arc<Self> {
        let bounds = Bounds {
            stale_after: limits.stale_after,
            view_max_age: limits.view_max_age,
            join: limits.call_timeout,
        };
        Arc::new(Self {
            keyring,
            views: Views::default(),
            sessions: Sessions::new(limits.remembered_sessions),
            joins: join::batcher(Arc::clone(&queue), metrics.clone()),
            queue,
            bounds,
            metrics,
        })
    }

    /// How old the views are; absent before the first sync.
    pub(crate) fn view_age(&self) -> Option<Duration> {
        self.views.load().age()
    }

    /// Checks what a visitor shows, as of `now_s`, Unix time in seconds.
    pub(crate) fn check(&self, text: Option<&str>, now_s: u64) -> Presented {
        let Some(text) = text else { return Presented::Nothing };
        match self.keyring.verify(text, now_s) {
            Ok(token) => Presented::Token(Shown { text: text.to_owned(), token }),
            Err(error) => self.refuse(error),
        }
    }

    fn refuse(&self, error: TokenError) -> Presented {
        self.metrics.token_refused(error);
        tracing::debug!(%error, "token refused");
        Presented::Invalid
    }
}
