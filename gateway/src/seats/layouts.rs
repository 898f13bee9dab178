use std::{collections::BTreeSet, sync::Arc};

use moka::future::Cache;
use tokio::sync::OnceCell;

use super::encoded::Encoded;
use crate::{
    failure::Failure,
    metrics::{Found, Metrics, View},
    upstream::SeatViewClient,
};

/// As many places are kept, of all halls together; one is about a hundred bytes.
const MOST_SEATS: u64 = 4_000_000;

/// A hall as it is numbered. It never changes.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// By number: the first is seat 1.
    pub(crate) seats: Vec<LayoutSeat>,
    pub(crate) sections: BTreeSet<Arc<str>>,
    pub(crate) tiers: BTreeSet<Arc<str>>,
    /// The chart as it is sent.
    pub(crate) chart: OnceCell<Encoded>,
}

/// One numbered place of a hall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayoutSeat {
    pub(crate) section: Arc<str>,
    pub(crate) row: Arc<str>,
    pub(crate) position: u32,
    pub(crate) label: String,
    pub(crate) tier: Arc<str>,
    pub(crate) accessible: bool,
}

/// The halls that were asked for of late, each fetched once.
pub(crate) struct Layouts {
    client: Arc<SeatViewClient>,
    kept: Cache<u64, Arc<Layout>>,
    metrics: Metrics,
}

impl Layouts {
    pub(crate) fn new(client: Arc<SeatViewClient>, metrics: Metrics) -> Self {
        let weigh = |_: &u64, layout: &Arc<Layout>| u32::try_from(layout.seats.len()).unwrap_or(u32::MAX);
        Self { client, kept: Cache::builder().max_capacity(MOST_SEATS).weigher(weigh).build(), metrics }
    }

    /// The hall of that id.
    pub(crate) async fn get(&self, id: u64) -> Result<Arc<Layout>, Failure> {
        let mut found = Found::Hit;
        let fetch = async {
            found = Found::Fetched;
            self.client.layout(id).await.map(Arc::new)
        };
        let layout = self.kept.try_get_with(id, fetch).await;
        self.metrics.view(View::Layouts, found);
        layout.map_err(|failure| (*failure).clone())
    }
}

impl Layout {
    pub(crate) fn new(id: u64, name: String, seats: Vec<LayoutSeat>) -> Self {
        let sections = seats.iter().map(|seat| Arc::clone(&seat.section)).collect();
        let tiers = seats.iter().map(|seat| Arc::clone(&seat.tier)).collect();
        Self { id, name, seats, sections, tiers, chart: OnceCell::new() }
    }

    /// Whether the hall has such a section.
    pub(crate) fn has_section(&self, section: &str) -> bool {
        self.sections.contains(section)
    }
}
