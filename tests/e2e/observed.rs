//! Everything that boards and rules ask has an answer while Onsale is visited, and what shows faults has one when they
//! have been provoked.

use std::time::{Duration, Instant};

use onsale_stack::{Exporter, Prometheus, PrometheusOptions, ScrapeTarget, Service, binary};
use onsale_tests::boards::{Board, Variables};
use promql_parser::{
    parser::{self, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    api::{OPERATOR_KEY, policy},
    database::Database,
    onsale::{Onsale, Plan},
    wait::until,
};

/// How often Prometheus asks. Rates are taken over fifteen seconds.
const EVERY: Duration = Duration::from_secs(1);
/// After the last of what has to happen.
const PATIENCE: Duration = Duration::from_mins(2);

/// A Prometheus that watches all of an Onsale.
pub(crate) struct Observed {
    pub(crate) prometheus: Prometheus,
    _exporters: [Exporter; 3],
    _folder: TempDir,
}

impl Observed {
    pub(crate) async fn start(onsale: &Onsale) -> Self {
        let Database::Own(postgres) = &onsale.database else { panic!("it has to be its own") };
        let folder = tempfile::tempdir().unwrap();
        let exporters = [
            Exporter::redis(&onsale.redis, folder.path()).await.unwrap(),
            Exporter::postgres(postgres, "postgres", folder.path()).await.unwrap(),
            Exporter::node(folder.path()).await.unwrap(),
        ];
        let copies = |job: &'static str, services: &[Service]| {
            let target = move |(at, service): (usize, &Service)| {
                ScrapeTarget::new(job, format!("{job}-{}", at + 1), service.address("ops").unwrap())
            };
            services.iter().enumerate().map(target).collect::<Vec<_>>()
        };
        let targets = copies("gateway", &onsale.gateways)
            .into_iter()
            .chain(copies("queue", &onsale.queues))
            .chain(copies("catalog", &onsale.catalogs))
            .chain(exporters.iter().map(Exporter::target));
        let options =
            PrometheusOptions { targets: targets.collect(), every: EVERY, ..PrometheusOptions::default() };
        let prometheus = Prometheus::start(options).await.unwrap();
        Self { prometheus, _exporters: exporters, _folder: folder }
    }

    /// The values that an expression has just now.
    pub(crate) async fn values(&self, expression: &str) -> Vec<f64> {
        let elements =
            self.prometheus.query(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"));
        elements.iter().filter_map(|element| element["value"][1].as_str()?.parse().ok()).collect()
    }
}

/// Something that is asked of Prometheus.
#[derive(Clone, Debug)]
struct Question {
    /// Of which panel, or which rule.
    of: String,
    expression: String,
}

/// What panels ask, but for the load generator's half.
fn of_boards() -> Vec<Question> {
    let variables = Variables { rate_interval: Duration::from_secs(15), range: Duration::from_mins(5) };
    let queries = Board::all().unwrap().iter().flat_map(Board::queries).collect::<Vec<_>>();
    let of_programs = queries.into_iter().filter(|query| !query.of_load().unwrap());
    of_programs
        .map(|query| Question {
            of: format!("{}, {}", query.board, query.panel),
            expression: query.filled(&variables),
        })
        .collect()
}

/// What rules ask: recorded ones themselves, and of alerts, which are to be silent, everything that they look at.
async fn of_rules(prometheus: &Prometheus) -> Vec<Question> {
    let rules = prometheus.api("rules", &[]).await.unwrap();
    let groups = rules["groups"].as_array().unwrap();
    assert!(!groups.is_empty(), "{rules}");
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap()).flat_map(of_rule).collect()
}

fn of_rule(rule: &Value) -> Vec<Question> {
    let (name, expression) = (rule["name"].as_str().unwrap(), rule["query"].as_str().unwrap());
    if rule["type"] == "recording" {
        return vec![Question { of: name.to_owned(), expression: expression.to_owned() }];
    }
    let mut selected = Selected::default();
    let Ok(_) = walk_expr(&mut selected, &parser::parse(expression).unwrap());
    selected
        .0
        .into_iter()
        .map(|selector| Question { of: format!("alert {name}"), expression: selector })
        .collect()
}

/// Every selector of an expression.
#[derive(Default)]
struct Selected(Vec<String>);

impl Selected {
    fn add(&mut self, selector: &VectorSelector) {
        self.0.push(VectorSelector { offset: None, at: None, ..selector.clone() }.to_string());
    }
}

impl ExprVisitor for Selected {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
        if let Expr::VectorSelector(selector) = expression {
            self.add(selector);
        } else if let Expr::MatrixSelector(range) = expression {
            self.add(&range.vs);
        }
        Ok(true)
    }
}

/// Asks what has not been answered yet, and leaves what still is not.
async fn ask(observed: &Observed, open: &mut Vec<Question>) {
    let mut left = Vec::new();
    for question in open.drain(..) {
        // Not a number is what a share of nothing is.
        if !observed.values(&question.expression).await.iter().any(|value| !value.is_nan()) {
            left.push(question);
        }
    }
    *open = left;
}

fn visit(onsale: &Onsale, visitors: &str) -> Child {
    let mut visit = Command::new(binary("onsale-stack").unwrap());
    // So few at once that a line forms, however fast everything is: estimates are made and kept, or not.
    visit.args(["visit", "--visitors", visitors, "--over", "15", "--capacity", "50"]);
    visit.env("ONSALE_OPERATOR_KEY", OPERATOR_KEY).kill_on_drop(true);
    visit.env("ONSALE_REDIS_URL", onsale.redis.url()).env("ONSALE_DATABASE_URL", onsale.database.url());
    for gateway in &onsale.gateways {
        visit.arg("--gateway").arg(gateway.url("http"));
    }
    visit.spawn().unwrap()
}

/// Everything that goes wrong on a bad night, and is mended.
async fn provoke_faults(onsale: &mut Onsale) {
    onsale.put_room(1, &policy("paused", 1)).await;
    onsale.api().token("somebody-who-waits").await;
    onsale.database.postgres().kill9().unwrap();
    onsale.catalogs[1].kill9().unwrap();
    onsale.redis.kill9().unwrap();
    let began_at = Instant::now();
    while began_at.elapsed() < 4 * EVERY {
        let api = onsale.api();
        let join = serde_json::json!({ "userId": "somebody" });
        let seats = api.get("/api/concerts/2/schedules/30/seats").await;
        assert!(api.join(&join).await.status >= 500 && seats.status >= 400, "nothing is wrong: {seats:?}");
    }
    onsale.redis.restart().await.unwrap();
    onsale.database.postgres().restart().await.unwrap();
    onsale.catalogs[1].restart().await.unwrap();
    onsale.until_ready().await;
    answer_nonsense(onsale).await;
}

/// Both copies of the catalog meet a store that is there, and is not as it has to be.
async fn answer_nonsense(onsale: &mut Onsale) {
    let api = onsale.api();
    let broken = "ALTER TABLE concert RENAME TO whole; CREATE VIEW concert AS SELECT * FROM whole WHERE 1 / (id - id) = 1";
    onsale.database.postgres().sql(broken).unwrap();
    for _ in 0..8 {
        assert_eq!(api.get("/api/concerts").await.status, 500);
    }
    let mended = "DROP VIEW concert; ALTER TABLE whole RENAME TO concert";
    onsale.database.postgres().sql(mended).unwrap();
    until("the catalog to answer", || async { api.get("/api/concerts").await.status == 200 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_panel_and_every_rule_shows_something() {
    let plan = Plan { own_postgres: true, copies: 2, gateways: 2, ..Plan::default() };
    let mut onsale = Onsale::start_as(plan).await;
    let observed = Observed::start(&onsale).await;
    let mut open = of_boards();
    let panels = open.len();
    open.extend(of_rules(&observed.prometheus).await);
    let rules = open.len() - panels;
    let mut misspelt = vec![Question {
        of: "a misspelt metric".to_owned(),
        expression: "sum(rate(onsale_queue_claimd_total[15s]))".to_owned(),
    }];

    let mut visit = visit(&onsale, "500");
    let began_at = Instant::now();
    while visit.try_wait().unwrap().is_none() {
        assert!(began_at.elapsed() < 3 * PATIENCE, "the visit does not end");
        ask(&observed, &mut open).await;
        tokio::time::sleep(EVERY).await;
    }
    println!(
        "{panels} queries of boards, {rules} of rules; after a visit of {:?} {} are open",
        began_at.elapsed(),
        open.len()
    );
    for Question { of, expression } in &open {
        println!("  {of}: {expression}");
    }

    provoke_faults(&mut onsale).await;
    let began_at = Instant::now();
    while !open.is_empty() && began_at.elapsed() < PATIENCE {
        ask(&observed, &mut open).await;
        ask(&observed, &mut misspelt).await;
        tokio::time::sleep(EVERY).await;
    }
    let unanswered: Vec<_> = open.iter().map(|open| format!("{}: {}", open.of, open.expression)).collect();
    assert!(unanswered.is_empty(), "nothing is shown by\n{}", unanswered.join("\n"));
    assert_eq!(misspelt.len(), 1, "a metric that there is not has an answer");
    let health = observed.prometheus.api("rules", &[]).await.unwrap().to_string();
    assert!(!health.contains(r#""health":"err""#), "{health}");
}
