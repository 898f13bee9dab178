use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use onsale_proto::catalog::v1 as pb;
use pb::catalog_service_client::CatalogServiceClient;

use crate::{
    catalog::{Concert, Page, PageQuery, Schedule, ScheduleQuery},
    failure::Failure,
    upstream::copies::{Copies, Repeat, Terms},
};

mod messages;

/// The catalog, over any copy of the service. Everything here only reads, and may be repeated.
#[derive(Clone)]
pub(crate) struct CatalogClient {
    copies: Arc<Copies>,
    terms: Terms,
}

impl CatalogClient {
    pub(crate) const fn new(copies: Arc<Copies>, deadline: Duration) -> Self {
        Self { copies, terms: Terms { deadline, repeat: Repeat::Once } }
    }

    /// Concerts, by name.
    pub(crate) async fn concerts(&self, page: PageQuery) -> Result<Page<Concert>, Failure> {
        let send =
            |channel, request| async move { CatalogServiceClient::new(channel).list_concerts(request).await };
        let request = pb::ListConcertsRequest {
            limit: page.limit.unwrap_or_default(),
            cursor: page.cursor.unwrap_or_default(),
        };
        let response = self.copies.call(self.terms, request, send).await?;
        let items = response.concerts.into_iter().map(messages::concert).collect();
        Ok(Page { items, next_cursor: messages::cursor(response.next_cursor) })
    }

    /// One concert.
    pub(crate) async fn concert(&self, concert_id: u64) -> Result<Concert, Failure> {
        let send =
            |channel, request| async move { CatalogServiceClient::new(channel).get_concert(request).await };
        let response = self.copies.call(self.terms, pb::GetConcertRequest { concert_id }, send).await?;
        Ok(messages::concert(response))
    }

    /// A concert's bookable schedules, by time, and an instant than which they are not older.
    pub(crate) async fn schedules(&self, query: ScheduleQuery) -> Result<(Instant, Page<Schedule>), Failure> {
        let send = |channel, request| async move {
            // Of two attempts, the second.
            let asked_at = Instant::now();
            let response = CatalogServiceClient::new(channel).list_schedules(request).await?;
            Ok(response.map(|response| (asked_at, response)))
        };
        let request = pb::ListSchedulesRequest {
            concert_id: query.concert,
            from_ms: query.from_ms,
            to_ms: query.to_ms,
            limit: query.page.limit.unwrap_or_default(),
            cursor: query.page.cursor.unwrap_or_default(),
        };
        let (asked_at, response) = self.copies.call(self.terms, request, send).await?;
        let items = response.schedules.into_iter().map(messages::schedule).collect();
        Ok((asked_at, Page { items, next_cursor: messages::cursor(response.next_cursor) }))
    }
}
