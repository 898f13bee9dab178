use std::{sync::Arc, time::Duration};

use onsale_batch::{BatchError, BatchLimits, Batcher, span_of};
use onsale_token::{QueueToken, RoomId, UserId};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::{
    clock,
    failure::{Failure, Service},
    metrics::{Given, Metrics},
    rooms::{Place, Rooms, Seen, Shown, Standing, Standpoint, known::KnownRoom, sessions::SessionKey},
    upstream::QueueClient,
};

/// A burst of joins becomes one call at a time with a few hundred joins. Beyond capacity a call takes some 15 ms; one that takes 50 has
/// met a copy that stands still, and others are tried.
const LIMITS: BatchLimits =
    BatchLimits { items: 256, lanes: 4, patience: Duration::from_millis(50), waiting: 20_000 };

/// Who asks for a place, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    /// The concert whose room is joined; without one, the site room.
    pub(crate) concert: Option<u64>,
    pub(crate) user: UserId,
    /// The valid token that the visitor still shows.
    pub(crate) token: Option<String>,
}

/// A place, and the token that proves it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joined {
    pub(crate) token: String,
    pub(crate) place: Place,
}

/// Why a join is without a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JoinError {
    /// The room says no.
    #[error("refused: {0:?}")]
    Refused(JoinRefusal),
    /// The queue has no answer.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The room says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JoinRefusal {
    pub(crate) reason: RefusalReason,
    /// When trying again may make sense.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) room: Option<RoomId>,
}

/// Why a room says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    /// Closed or draining.
    Closed,
    /// As many wait as may.
    LineFull,
    /// The queue does not take this user.
    InvalidUser,
}

/// What was known of the room before the queue was asked. The answer is remembered by this, so that a gap in
/// revocations or a new epoch while the call is under way makes it unusable.
struct Before {
    /// Numbers come in order, so that one above the highest known here was issued for this join, or at another
    /// gateway since the last sync.
    seen: Seen,
    generation: u64,
    renew_after: Duration,
}

impl Before {
    fn of(room: &KnownRoom) -> Self {
        Self { seen: room.seen(), generation: room.generation, renew_after: room.renew_after }
    }

    fn is_of(&self, place: &Place) -> bool {
        (self.seen.room, self.seen.epoch) == (place.room, place.epoch)
    }
}

/// A join, and the span of the request it came with.
pub(crate) type JoinItem = (Join, Span);

/// Sends joins that come during one call together in the next.
pub(crate) fn batcher(
    queue: Arc<QueueClient>,
    metrics: Metrics,
) -> Batcher<JoinItem, Result<Joined, JoinError>> {
    Batcher::start(LIMITS, move |items: Vec<JoinItem>| {
        let queue = Arc::clone(&queue);
        metrics.joins_sent(items.len());
        let (joins, spans): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        // Signed, as OpenTelemetry's numbers are; others would be texts.
        let count = i64::try_from(joins.len()).unwrap_or(i64::MAX);
        let open =
            |parent: &Span| info_span!(parent: parent, "join batch", joins = count, batch.unlinked = Empty);
        let span = span_of(&spans, open);
        async move { queue.join(joins).await }.instrument(span)
    })
}

impl Rooms {
    /// Gives the user a place, always the same one. `shown` is the token that the visitor still has.
    pub(crate) async fn join(
        &self,
        user: UserId,
        concert: Option<u64>,
        shown: Option<Shown>,
    ) -> Result<(String, Standpoint), JoinError> {
        let token = shown.filter(|shown| shown.token.user == user).map(|shown| {
            self.notice(&shown.token);
            shown.text
        });
        let before = self.before(concert);
        let item = (Join { concert, user: user.clone(), token }, Span::current());
        let joined = tokio::time::timeout(self.bounds.join, self.joins.submit(item))
            .await
            .map_err(|_| Failure::away(Service::Queue))?
            .map_err(|error| match error {
                BatchError::Full => Failure::Overloaded { service: Service::Queue, retry_after: None },
                BatchError::Lost => Failure::away(Service::Queue),
            })?;
        let Joined { token, mut place } = joined?;
        self.metrics.token_given(given(&place, before.as_ref()));
        self.settle(&mut place);
        self.remember_joined(&user, &place, before.as_ref());
        Ok((token, Standpoint::told(place)))
    }

    fn before(&self, concert: Option<u64>) -> Option<Before> {
        let snapshot = self.views.load();
        let room = concert.map_or(RoomId::SITE, |concert| snapshot.concert_rooms.room_of(concert));
        snapshot.rooms.get(&room).map(Before::of)
    }

    /// A token shown on a join may be the only trace of a place that the store lost.
    fn notice(&self, token: &QueueToken) {
        let snapshot = self.views.load();
        match snapshot.rooms.get(&token.room) {
            Some(room) if room.view.epoch == token.epoch => room.notice_number(token.number),
            Some(room) if room.view.epoch > token.epoch => {}
            Some(_) | None => self.views.notice_ahead(token),
        }
    }

    fn remember_joined(&self, user: &UserId, place: &Place, before: Option<&Before>) {
        let before = before.filter(|before| before.is_of(place));
        if let (Some(before), Some(session), Standing::Active) = (before, &place.session, place.standing) {
            let key = SessionKey { generation: before.generation, number: place.number };
            self.sessions.remember(key, user, session, (clock::now_ms(), before.renew_after));
        }
    }
}

fn given(place: &Place, before: Option<&Before>) -> Given {
    let is_known = |before: &Before| before.is_of(place) && place.number <= before.seen.number;
    match place.number {
        0 => Given::WithoutANumber,
        _ if before.is_some_and(is_known) => Given::Again,
        _ => Given::New,
    }
}
