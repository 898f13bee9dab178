//! Five faults, each told by the overview board alone, by the table "Which fault is it" of docs/observability.md: the
//! table is read from the document, and its first row that applies has to be the fault that was provoked.

use std::{collections::BTreeMap, time::Duration};

use onsale_proto::catalog::v1::{
    Buyer, HoldKey, HoldRequest, SeatNumbers, buyer::Who, hold_request::Seats,
    sales_service_client::SalesServiceClient,
};
use onsale_tests::boards::{Board, Query, Variables};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    api::policy,
    observed::Observed,
    onsale::{Onsale, Plan, channel},
};

const DOCUMENT: &str = include_str!("../../docs/observability.md");
const HEADING: &str = "## Which fault is it";
/// Rates are taken over fifteen seconds.
const VARIABLES: Variables =
    Variables { rate_interval: Duration::from_secs(15), range: Duration::from_mins(5) };
/// Until a fault is seen, or is seen no more.
const PATIENCE: Duration = Duration::from_mins(2);

/// A row of the document's table.
#[derive(Clone, Debug)]
struct Row {
    panel: String,
    line: String,
    shows: Shows,
    fault: String,
}

#[derive(Clone, Debug)]
enum Shows {
    /// The line is there at all.
    ItIsThere,
    MoreThan(f64),
    /// As many times another line.
    Times(f64, String),
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", panel, line, shows, fault, ..] = cells.as_slice() else { return None };
        let bare = |text: &str| text.replace(['*', '`'], "");
        Some(Self {
            panel: bare(panel),
            line: bare(line),
            shows: Shows::parse(&bare(shows))?,
            fault: bare(fault),
        })
    }
}

impl Shows {
    fn parse(text: &str) -> Option<Self> {
        if text == "is there" {
            return Some(Self::ItIsThere);
        }
        let words: Vec<&str> = text.strip_prefix("more than ")?.split(' ').collect();
        match words.as_slice() {
            [number, "times", other] => Some(Self::Times(number.parse().ok()?, (*other).to_owned())),
            [number, ..] => Some(Self::MoreThan(number.parse().ok()?)),
            [] => None,
        }
    }
}

fn table() -> Vec<Row> {
    let section = DOCUMENT.lines().skip_while(|line| *line != HEADING).skip(1);
    section.take_while(|line| !line.starts_with("## ")).filter_map(Row::parse).collect()
}

/// Who looks at the overview board, and knows nothing else.
struct Onlooker<'o> {
    observed: &'o Observed,
    queries: Vec<Query>,
    table: Vec<Row>,
}

impl<'o> Onlooker<'o> {
    fn new(observed: &'o Observed) -> Self {
        let boards = Board::all().unwrap();
        let overview = boards.iter().find(|board| board.uid == "onsale-overview").unwrap();
        let (queries, table) = (overview.queries(), table());
        for row in &table {
            assert!(
                queries.iter().any(|query| query.panel == row.panel),
                "no panel is called {:?}",
                row.panel
            );
        }
        Self { observed, queries, table }
    }

    /// The lines of a panel by what they are called: their legend, or any of their labels.
    async fn lines(&self, panel: &str) -> Vec<(Vec<String>, f64)> {
        let mut lines = Vec::new();
        for query in self.queries.iter().filter(|query| query.panel == panel) {
            let elements = self.observed.prometheus.query(&query.filled(&VARIABLES)).await.unwrap();
            lines.extend(elements.iter().filter_map(|element| {
                let labels: BTreeMap<String, String> =
                    serde_json::from_value(element["metric"].clone()).ok()?;
                let names = labels.into_values().chain([query.legend.clone()]).collect();
                Some((names, element["value"][1].as_str()?.parse().ok()?))
            }));
        }
        lines
    }

    async fn line(&self, panel: &str, name: &str) -> Option<f64> {
        let lines = self.lines(panel).await;
        let called = |names: &[String]| name == "–" || names.iter().any(|one| one == name);
        lines
            .into_iter()
            .filter(|(names, value)| called(names) && !value.is_nan())
            .map(|(_, value)| value)
            .reduce(f64::max)
    }

    /// What the row's line shows, where the row applies.
    async fn applies(&self, row: &Row) -> Option<f64> {
        let value = self.line(&row.panel, &row.line).await?;
        let applies = match &row.shows {
            Shows::ItIsThere => true,
            Shows::MoreThan(limit) => value > *limit,
            Shows::Times(factor, other) => {
                value > 1.0 && value > factor * self.line(&row.panel, other).await.unwrap_or_default()
            }
        };
        applies.then_some(value)
    }

    /// The fault of the first row that applies, and what told.
    async fn finds(&self) -> Option<(String, String)> {
        for row in &self.table {
            if let Some(value) = self.applies(row).await {
                return Some((
                    row.fault.clone(),
                    format!("{:?} shows {} at {value:.3}", row.panel, row.line),
                ));
            }
        }
        None
    }

    /// Waits until just that is found; what is found on the way there is told.
    async fn until(&self, wanted: Option<&str>) {
        let found = || async {
            let found = self.finds().await;
            found.as_ref().map(|(fault, _)| fault.as_str()).eq(&wanted).then_some(found)
        };
        match onsale_stack::until(PATIENCE, found).await {
            Some(Some((fault, told))) => println!("{fault}: {told}"),
            Some(None) => {}
            None => panic!("wanted {wanted:?}, and found {:?}", self.finds().await),
        }
    }
}

/// Holds a seat and gives it back, without end.
async fn hold_and_release(onsale_catalog: tonic::transport::Channel, seat: u32) {
    let mut sales = SalesServiceClient::new(onsale_catalog);
    let buyer = || Some(Buyer { who: Some(Who::Channel("box-office".to_owned())) });
    loop {
        let request = HoldRequest {
            buyer: buyer(),
            concert_id: 1,
            schedule_id: 3,
            seats: Some(Seats::Named(SeatNumbers { seat_nos: vec![seat] })),
            ..HoldRequest::default()
        };
        // Sold by the demo, or not had in time: of no matter here.
        let Ok(held) = sales.hold(request).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let hold_id = held.into_inner().hold.unwrap().hold_id;
        let _ = sales.release(HoldKey { buyer: buyer(), hold_id, ..HoldKey::default() }).await;
    }
}

const SLOW: &str = "
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END';
    CREATE TRIGGER slow AFTER UPDATE ON seat_state FOR EACH STATEMENT EXECUTE FUNCTION slow()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_faults_are_told_apart_by_who_follows_the_document() {
    let plan = Plan { own_postgres: true, copies: 2, ..Plan::default() };
    let mut onsale = Onsale::start_as(plan).await;
    onsale.put_room(1, &policy("open", 5)).await;
    let observed = Observed::start(&onsale).await;
    let onlooker = Onlooker::new(&observed);
    assert_eq!(onlooker.table.len(), 5, "{:?}", onlooker.table);
    let fault = |which: usize| onlooker.table[which].fault.clone();
    let api = onsale.api();
    // Some life of its own, so that faults have something to show in.
    let mut life = JoinSet::new();
    for block in 0..6 {
        life.spawn(hold_and_release(channel(&onsale.catalogs[0]), block * 512 + 40));
    }
    onlooker.until(None).await;

    onsale.redis.kill9().unwrap();
    onlooker.until(Some(&fault(0))).await;
    onsale.redis.restart().await.unwrap();
    onlooker.until(None).await;

    onsale.queues[1].kill9().unwrap();
    onlooker.until(Some(&fault(1))).await;
    onsale.queues[1].restart().await.unwrap();
    onlooker.until(None).await;

    onsale.put_room(1, &policy("paused", 5)).await;
    onlooker.until(Some(&fault(2))).await;
    onsale.put_room(1, &policy("open", 5)).await;
    onlooker.until(None).await;

    onsale.database.postgres().sql(SLOW).unwrap();
    onlooker.until(Some(&fault(3))).await;
    onsale.database.postgres().sql("DROP TRIGGER slow ON seat_state").unwrap();
    onlooker.until(None).await;

    let mut storm = JoinSet::new();
    for client in 0..4 {
        let api = api.clone();
        storm.spawn(async move {
            let user = json!({ "userId": format!("impatient-{client}") });
            loop {
                api.join(&user).await;
            }
        });
    }
    onlooker.until(Some(&fault(4))).await;
    storm.shutdown().await;
    onlooker.until(None).await;
    life.shutdown().await;
}
