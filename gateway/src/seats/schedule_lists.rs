use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use moka::sync::Cache;
use tokio::sync::OnceCell;

use super::{encoded::Encoded, flight::Flight};
use crate::{
    catalog::{Page, Schedule, ScheduleQuery},
    failure::{Failure, Service},
    metrics::{Found, Metrics, View},
    upstream::CatalogClient,
};

/// How many pages are kept at most.
const MOST_PAGES: u64 = 10_000;
/// How many schedules a page has where nothing is said.
const PAGE: u32 = 50;
/// For how long one is that nobody asks for.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// Pages of schedules that were asked for of late, none told that is older than the bound.
pub(crate) struct ScheduleLists {
    catalog: CatalogClient,
    bound: Duration,
    kept: Cache<ScheduleQuery, Arc<Kept>>,
    metrics: Metrics,
}

/// A page as the catalog told it last.
#[derive(Default)]
struct Kept {
    list: ArcSwapOption<ScheduleList>,
    flight: Flight<Result<Arc<ScheduleList>, Failure>>,
}

/// A page of schedules.
#[derive(Debug)]
pub(crate) struct ScheduleList {
    pub(crate) page: Page<Schedule>,
    /// It is not older.
    asked_at: Instant,
    /// The page as it is sent, and its tag.
    pub(crate) body: OnceCell<(Encoded, String)>,
}

impl ScheduleLists {
    pub(crate) fn new(catalog: CatalogClient, bound: Duration, metrics: Metrics) -> Self {
        let kept = Cache::builder().max_capacity(MOST_PAGES).time_to_idle(KEPT_FOR).build();
        Self { catalog, bound, kept, metrics }
    }

    /// A page of a concert's bookable schedules. From half the bound on it is asked for again; those who come
    /// meanwhile share the call. While the catalog is away it is told until it is too old.
    pub(crate) async fn get(&self, mut query: ScheduleQuery) -> Result<Arc<ScheduleList>, Failure> {
        // Two ways to ask for the same are one.
        query.page.limit.get_or_insert(PAGE);
        let kept = self.kept.get_with_by_ref(&query, Arc::default);
        let young = |within| kept.list.load_full().filter(|list| list.asked_at.elapsed() <= within);
        if let Some(list) = young(self.bound / 2) {
            self.metrics.view(View::Schedules, Found::Hit);
            return Ok(list);
        }
        let mut found = Found::Hit;
        let fetch = async {
            found = Found::Fetched;
            self.fetch(&kept, query).await
        };
        let fetched = kept.flight.join(fetch).await;
        self.metrics.view(View::Schedules, found);
        fetched.or_else(|failure| young(self.bound).ok_or(failure))
    }

    async fn fetch(&self, kept: &Kept, query: ScheduleQuery) -> Result<Arc<ScheduleList>, Failure> {
        let (asked_at, page) = self.catalog.schedules(query).await?;
        if asked_at.elapsed() > self.bound {
            return Err(Failure::TooSlow { service: Service::Catalog });
        }
        let list = Arc::new(ScheduleList { page, asked_at, body: OnceCell::new() });
        kept.list.store(Some(Arc::clone(&list)));
        Ok(list)
    }
}
