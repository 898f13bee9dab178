use std::{sync::Arc, time::Duration};

use onsale_token::{Mode, Position, QueueToken};

use crate::{
    clock,
    failure::Failure,
    metrics::{AnsweredFrom, StatusTold},
    rooms::{
        Place, Rooms, Shown, Standing, Standpoint, answers,
        known::KnownRoom,
        sessions::{Remembered, SessionKey},
        views::Snapshot,
    },
};

/// Where activity could not be passed on, it is tried again after this.
const RENEW_AGAIN: Duration = Duration::from_secs(1);

/// Why a valid token has no standing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StatusError {
    /// A reset ended the token's epoch.
    #[error("the token is of an epoch that has ended")]
    EndedEpoch,
    /// The token was made while the room was off, and has no number.
    #[error("the token has no place in line")]
    NotInLine,
    /// The queue was needed, and has no answer.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// What the gateway knows about a token without asking anybody.
pub(crate) enum Known {
    /// All there is to know.
    Here(Standpoint, AnsweredFrom),
    /// The token's number is called, or its room is not known: only the queue can tell.
    Elsewhere,
}

/// Where an answer of the queue is to be remembered: found before it is asked, so that a gap in revocations or a
/// new epoch while the call is under way makes the answer unusable.
#[derive(Clone, Copy)]
struct Slot {
    key: SessionKey,
    renew_after: Duration,
}

impl Rooms {
    /// Where the token's visitor stands. A called visitor is admitted by this, and told so until its lease ends.
    pub(crate) async fn status(self: &Arc<Self>, shown: &Shown) -> Result<Standpoint, StatusError> {
        match self.known(shown, clock::now_ms())? {
            Known::Here(standpoint, from) => {
                self.metrics.status_answered(from, told(&standpoint.place));
                Ok(standpoint)
            }
            Known::Elsewhere => {
                let answer = self.ask(shown).await;
                let told = answer.as_ref().map_or(StatusTold::Failed, told);
                self.metrics.status_answered(AnsweredFrom::Queue, told);
                Ok(Standpoint::told(answer?))
            }
        }
    }

    /// What can be said from views and memory as of `now_ms`, Unix time in milliseconds.
    pub(crate) fn known(self: &Arc<Self>, shown: &Shown, now_ms: i64) -> Result<Known, StatusError> {
        let token = &shown.token;
        let snapshot = self.views.load();
        let room = self.room_of(&snapshot, token);
        let Some((room, age)) = room else { return Ok(Known::Elsewhere) };
        if token.epoch < room.view.epoch {
            return Err(StatusError::EndedEpoch);
        }
        room.notice_number(token.number);
        let view = room.current();
        let jitter = answers::jitter();
        let place = match view.position(token.number) {
            Position::NotInForce => answers::not_in_force(&view, token, jitter),
            Position::NoPlace => return Err(StatusError::NotInLine),
            Position::Waiting { .. } if view.mode == Mode::Closed => answers::closed(&view, token),
            Position::Waiting { .. } if self.sessions.is_over(key(room, token)) => {
                answers::left(&view, token)
            }
            Position::Waiting { remaining } => answers::waiting(&view, token, remaining, (now_ms, jitter)),
            // Whoever has a session was called, and `settle` knows it with the session itself: memory comes before
            // whatever an older view would say.
            Position::Called => return Ok(self.remembered(room, shown, (now_ms, jitter))),
        };
        let stale = age > self.bounds.stale_after;
        Ok(Known::Here(Standpoint { place, age, stale }, AnsweredFrom::View))
    }

    /// The token's room and the age of its view, if the view is young enough to answer from.
    fn room_of<'a>(&self, snapshot: &'a Snapshot, token: &QueueToken) -> Option<(&'a KnownRoom, Duration)> {
        let age = snapshot.age().filter(|age| *age <= self.bounds.view_max_age)?;
        let room = snapshot.rooms.get(&token.room);
        if room.is_none_or(|room| room.view.epoch < token.epoch) {
            self.views.notice_ahead(token);
            return None;
        }
        room.map(|room| (room, age))
    }

    fn remembered(self: &Arc<Self>, room: &KnownRoom, shown: &Shown, (now_ms, jitter): (i64, f64)) -> Known {
        let key = key(room, &shown.token);
        let Some(remembered) = self.sessions.get(key, &shown.token.user, now_ms) else {
            return Known::Elsewhere;
        };
        if remembered.take_renewal(now_ms, room.renew_after) {
            self.pass_on(key, Arc::clone(&remembered), shown.text.clone());
        }
        let place = answers::active(room, &shown.token, remembered.session(), jitter);
        Known::Here(Standpoint::told(place), AnsweredFrom::Memory)
    }

    /// Renews the lease in the background: the visitor has its answer already.
    fn pass_on(self: &Arc<Self>, key: SessionKey, remembered: Arc<Remembered>, token: String) {
        let rooms = Arc::clone(self);
        tokio::spawn(async move {
            match rooms.queue.renew(&token).await {
                Ok(session) => rooms.sessions.renewed(key, &session),
                Err(
                    Failure::Refused { .. }
                    | Failure::Unauthenticated
                    | Failure::EndedEpoch
                    | Failure::NotFound { .. },
                ) => {
                    rooms.sessions.end(key);
                }
                Err(failure) => {
                    tracing::debug!(%failure, "activity is not passed on");
                    remembered.renew_again(clock::now_ms(), RENEW_AGAIN);
                }
            }
        });
    }

    /// Asks the queue, which may admit the visitor by it, and remembers what it says.
    pub(crate) async fn ask(&self, shown: &Shown) -> Result<Place, Failure> {
        let slot = self.slot(&shown.token);
        let mut place = self.queue.status(&shown.text).await?;
        self.settle(&mut place);
        if let (Some(slot), Some(session), Standing::Active) = (slot, &place.session, place.standing) {
            let due = (clock::now_ms(), slot.renew_after);
            self.sessions.remember(slot.key, &shown.token.user, session, due);
        }
        Ok(place)
    }

    fn slot(&self, token: &QueueToken) -> Option<Slot> {
        let snapshot = self.views.load();
        let room = snapshot.rooms.get(&token.room).filter(|room| room.view.epoch == token.epoch)?;
        Some(Slot { key: key(room, token), renew_after: room.renew_after })
    }

    /// Learns from what the queue said of a place, and keeps what one gateway says from contradicting itself: the
    /// copy may have been ahead of this gateway's view, or behind it.
    pub(crate) fn settle(&self, place: &mut Place) {
        let snapshot = self.views.load();
        let room = snapshot.rooms.get(&place.room).filter(|room| room.view.epoch == place.epoch);
        let Some(room) = room else { return };
        room.notice_number(place.number);
        room.notice_serving(called_by(place));
        match place.standing {
            Standing::Waiting => {
                let known = place.number.saturating_sub(room.serving().saturating_add(1));
                place.remaining = place.remaining.min(known);
            }
            Standing::Active if place.session.is_some() => {
                place.poll_after_ms = Some(answers::active_poll_ms(room, answers::jitter()));
            }
            Standing::Active => place.poll_after_ms = Some(room.view.poll_after_ms(None, answers::jitter())),
            Standing::Expired | Standing::Closed => {}
        }
    }
}

/// The highest number that must have been called for the queue to say this of a place, 0 where it tells nothing.
const fn called_by(place: &Place) -> u64 {
    match place.standing {
        Standing::Waiting if place.ready => place.number,
        Standing::Waiting => place.number.saturating_sub(place.remaining.saturating_add(1)),
        // Nobody has a session who was not called.
        Standing::Active if place.session.is_some() => place.number,
        Standing::Active | Standing::Expired | Standing::Closed => 0,
    }
}

const fn told(place: &Place) -> StatusTold {
    match place.standing {
        Standing::Waiting if place.ready => StatusTold::Ready,
        Standing::Waiting => StatusTold::Waiting,
        Standing::Active => StatusTold::Active,
        Standing::Expired => StatusTold::Ended,
        Standing::Closed => StatusTold::Closed,
    }
}

fn key(room: &KnownRoom, token: &QueueToken) -> SessionKey {
    SessionKey { generation: room.generation, number: token.number }
}
