use std::{sync::Arc, time::Duration};

use onsale_proto::queue::v1 as pb;
use pb::queue_service_client::QueueServiceClient;

use crate::{
    failure::{Failure, Service},
    rooms::{Join, JoinError, Joined, News, Place, Seen, Session},
    upstream::copies::{Copies, Repeat, Terms},
};

mod messages;

pub(super) use messages::{mode, mode_message, room};

/// A map of very many concerts is more than tonic's 4 MiB.
const MOST_BYTES: usize = 64 << 20;
/// A sync that takes longer is better asked of the next copy.
const SYNC: Duration = Duration::from_millis(400);

/// The line, over any copy of the queue service.
pub(crate) struct QueueClient {
    copies: Arc<Copies>,
    deadline: Duration,
}

impl QueueClient {
    pub(crate) const fn new(copies: Arc<Copies>, deadline: Duration) -> Self {
        Self { copies, deadline }
    }

    /// Gives each user a place; one answer for each join, in their order.
    pub(crate) async fn join(&self, joins: Vec<Join>) -> Vec<Result<Joined, JoinError>> {
        let count = joins.len();
        let request = pb::JoinRequest { joins: joins.into_iter().map(messages::join_item).collect() };
        let send = |channel, request| async move { QueueServiceClient::new(channel).join(request).await };
        // The same user gets the same place, so that asking again is safe.
        match self.copies.call(self.terms(Repeat::Once), request, send).await {
            Ok(response) if response.results.len() == count => {
                response.results.into_iter().map(messages::joined).collect()
            }
            Ok(_) => vec![Err(Failure::wrong_answer(Service::Queue, "results").into()); count],
            Err(failure) => vec![Err(failure.into()); count],
        }
    }

    /// Where the token's visitor stands; for a called one this is the claim, and may be repeated.
    pub(crate) async fn status(&self, token: &str) -> Result<Place, Failure> {
        let request = pb::StatusRequest { token: token.to_owned() };
        let send = |channel, request| async move { QueueServiceClient::new(channel).status(request).await };
        let response = self.copies.call(self.terms(Repeat::Once), request, send).await?;
        messages::place(response.place)
    }

    /// Moves the end of the session's lease.
    pub(crate) async fn renew(&self, token: &str) -> Result<Session, Failure> {
        let request = pb::RenewRequest { token: token.to_owned() };
        let send = |channel, request| async move { QueueServiceClient::new(channel).renew(request).await };
        let response = self.copies.call(self.terms(Repeat::Once), request, send).await?;
        response
            .session
            .map(messages::session)
            .ok_or_else(|| Failure::wrong_answer(Service::Queue, "session"))
    }

    /// Leaves the line, or gives the slot back; leaving twice is no error.
    pub(crate) async fn leave(&self, token: &str) -> Result<(), Failure> {
        let request = pb::LeaveRequest { token: token.to_owned() };
        let send = |channel, request| async move { QueueServiceClient::new(channel).leave(request).await };
        self.copies.call(self.terms(Repeat::Once), request, send).await.map(|_| ())
    }

    /// Tells what this gateway has seen, and learns how every room stands.
    pub(crate) async fn sync(&self, seen: Vec<Seen>, concert_rooms_version: String) -> Result<News, Failure> {
        let seen = seen.into_iter().map(messages::seen).collect();
        let request = pb::SyncRequest { seen, concert_rooms_version };
        let send = |channel, request| async move {
            let client = QueueServiceClient::new(channel).max_decoding_message_size(MOST_BYTES);
            { client }.sync(request).await
        };
        let copies = u32::try_from(self.copies.all().len()).unwrap_or(u32::MAX);
        let terms = Terms { deadline: SYNC.saturating_mul(copies), repeat: Repeat::EveryCopy };
        messages::news(self.copies.call(terms, request, send).await?)
    }

    const fn terms(&self, repeat: Repeat) -> Terms {
        Terms { deadline: self.deadline, repeat }
    }
}
