use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use onsale_proto::catalog::v1 as pb;
use pb::seat_view_service_client::SeatViewServiceClient;

use crate::{
    failure::{Failure, Service},
    seats::{Known, Layout, Refreshed},
    upstream::copies::{Copies, Repeat, Terms},
};

mod messages;

/// The layout of the largest hall, or the seats of several large ones.
const MOST_BYTES: usize = 64 << 20;

/// Views of seats, over any copy of the catalog. Everything here only reads, and may be repeated.
pub(crate) struct SeatViewClient {
    copies: Arc<Copies>,
    deadline: Duration,
}

impl SeatViewClient {
    pub(crate) const fn new(copies: Arc<Copies>, deadline: Duration) -> Self {
        Self { copies, deadline }
    }

    /// What is new since what is known, told within `deadline`.
    pub(crate) async fn refresh(&self, known: &[Known], deadline: Duration) -> Result<Refreshed, Failure> {
        let request = pb::RefreshSeatsRequest { watched: known.iter().map(messages::watched).collect() };
        let terms = Terms { deadline, repeat: Repeat::Once };
        let send = |channel, request| async move {
            let client = SeatViewServiceClient::new(channel).max_decoding_message_size(MOST_BYTES);
            // Nothing told can be younger than the call that it answers: of two attempts, the second.
            let asked_at = Instant::now();
            let response = { client }.refresh_seats(request).await?;
            Ok(response.map(|response| (asked_at, Instant::now(), response)))
        };
        let (asked_at, told_at, response) = self.copies.call(terms, request, send).await?;
        if response.schedules.len() > known.len() {
            return Err(Failure::wrong_answer(Service::Catalog, "schedules"));
        }
        let news = known.iter().zip(response.schedules).map(|(known, told)| messages::news(known, told));
        Ok(Refreshed { asked_at, told_at, news: news.collect::<Result<_, _>>()? })
    }

    /// Everything about one schedule, which a copy may have to read first.
    pub(crate) async fn first(&self, known: &Known) -> Result<Refreshed, Failure> {
        self.refresh(std::slice::from_ref(known), self.deadline).await
    }

    /// The places of a hall.
    pub(crate) async fn layout(&self, layout_id: u64) -> Result<Layout, Failure> {
        let terms = Terms { deadline: self.deadline, repeat: Repeat::Once };
        let send = |channel, request| async move {
            let client = SeatViewServiceClient::new(channel).max_decoding_message_size(MOST_BYTES);
            { client }.get_layout(request).await
        };
        let response = self.copies.call(terms, pb::GetLayoutRequest { layout_id }, send).await?;
        Ok(messages::layout(response))
    }
}
