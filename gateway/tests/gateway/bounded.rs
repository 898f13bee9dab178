//! Nothing that a request says becomes a label.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt as _, seq::IndexedRandom as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World, token};

/// So many requests that nobody would make.
const REQUESTS: usize = 200;
const DURATIONS: &str = "http_server_request_duration_seconds";
const DOCUMENTED: &str = include_str!("../../../docs/problems.md");
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "_OTHER"];

/// The labels of each series, by its name.
type Series = BTreeMap<String, BTreeSet<String>>;

fn series(metrics: &str) -> Series {
    let mut series = Series::new();
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (labelled, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = labelled.split_once('{').unwrap_or((labelled, ""));
        series.entry(name.to_owned()).or_default().insert(labels.trim_end_matches('}').to_owned());
    }
    series
}

fn label<'a>(labels: &'a str, key: &str) -> &'a str {
    let value = labels.split_once(&format!("{key}=\"")).unwrap().1;
    value.split_once('"').unwrap().0
}

/// Requests whose every part is made up, and what was made up.
struct Inventor(Vec<String>);

impl Inventor {
    fn word(&mut self) -> String {
        let word = format!("made-up-{:016x}", rand::rng().random::<u64>());
        self.0.push(word.clone());
        word
    }

    fn number(&mut self) -> u64 {
        let number = rand::rng().random_range(1 << 40..1 << 52);
        self.0.push(number.to_string());
        number
    }

    fn path(&mut self) -> String {
        let number = self.number();
        let word = self.word();
        let paths = [
            format!("/{word}"),
            format!("/api/{word}/{number}"),
            format!("/docs/{word}"),
            format!("/api/concerts/{number}"),
            format!("/api/concerts/{word}"),
            format!("/api/concerts/7/schedules?cursor={word}&from={word}"),
            format!("/api/concerts/7/schedules/{number}/seats?section={word}&since={word}"),
            "/api/concerts/7/schedules/71/holds".to_owned(),
            format!("/api/layouts/{number}"),
            format!("/api/holds/{word}?{word}={word}"),
            format!("/api/holds/{}", uuid::Uuid::from_u64_pair(number, number)),
            format!("/api/holds/{word}/confirmation"),
            format!("/api/sales/{number}"),
            "/api/queues/token".to_owned(),
            format!("/api/queues/status?userId={word}"),
            format!("/api/queues/rooms/{number}"),
            format!("/api/admin/rooms/{number}"),
        ];
        paths.choose(&mut rand::rng()).unwrap().clone()
    }

    fn method(&mut self) -> Method {
        let own = self.word().to_uppercase().replace('-', "");
        self.0.push(own.clone());
        let methods = ["GET", "GET", "GET", "POST", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", &own];
        methods.choose(&mut rand::rng()).unwrap().parse().unwrap()
    }

    fn body(&mut self) -> Value {
        match rand::rng().random_range(0..4) {
            0 => json!({"userId": self.word(), "concertId": self.number()}),
            1 => json!({"userId": self.number()}),
            2 => json!({"seatIds": [rand::rng().random_range(1..9_999_999)], self.word(): self.word()}),
            _ => json!({"orderRef": self.word()}),
        }
    }

    async fn ask(&mut self, world: &World) {
        let request = world.request(self.method(), &self.path());
        let shown = match rand::rng().random_range(0..3) {
            0 => self.word(),
            1 => token(rand::rng().random_range(1..200)),
            _ => token(self.number()),
        };
        self.0.push(shown.clone());
        let request = request
            .bearer_auth(shown)
            .header("user-agent", self.word())
            .header("idempotency-key", self.word())
            .header("if-none-match", self.word())
            .header("host", format!("{}.example", self.word()))
            .header("x-forwarded-for", "203.0.113.77");
        Answer::of(request.json(&self.body())).await;
    }
}

async fn routes(world: &World) -> BTreeSet<String> {
    let document = world.get("/openapi.json").await.json();
    let own = ["/openapi.json", "/docs", "/docs/", "/docs/{*file}", "unmatched"].map(str::to_owned);
    document["paths"].as_object().unwrap().keys().cloned().chain(own).collect()
}

#[tokio::test]
async fn two_hundred_requests_of_made_up_parts_make_no_series_of_their_own() {
    let world = World::start().await;
    let routes = routes(&world).await;
    // What has a label of its own choosing is there after the first of each.
    for path in ["/api/concerts/7/schedules/71/seats", "/api/concerts/7/schedules", "/api/layouts/5"] {
        world.get_with(path, &token(150)).await;
    }
    let before = series(&world.process.telemetry().render_metrics().unwrap());
    let mut inventor = Inventor(vec!["203.0.113.77".to_owned()]);
    for _ in 0..REQUESTS {
        inventor.ask(&world).await;
    }
    let metrics = world.process.telemetry().render_metrics().unwrap();
    let after = series(&metrics);

    let (durations, others): (Series, Series) =
        after.into_iter().partition(|(name, _)| name.starts_with(DURATIONS));
    for (name, labels) in others.iter().filter(|(name, _)| name.starts_with("onsale_gateway")) {
        // Histograms and gauges are there from the first time on.
        let known = before.get(name).unwrap_or(labels);
        assert_eq!(labels, known, "{name} has series that it had not");
    }
    for labels in durations.values().flatten() {
        assert!(METHODS.contains(&label(labels, "http_request_method")), "{labels}");
        assert!(routes.contains(label(labels, "http_route")), "{labels}");
        let status: u16 = label(labels, "http_response_status_code").parse().unwrap();
        assert!((200..600).contains(&status), "{labels}");
        let error = label(labels, "error_type");
        assert_eq!(error.is_empty(), status < 500, "{labels}");
        assert!(error.is_empty() || DOCUMENTED.contains(&format!("problem:{error}`")), "{labels}");
    }
    let labels: Vec<&String> = others.values().chain(durations.values()).flatten().collect();
    for word in &inventor.0 {
        assert!(!labels.iter().any(|labels| labels.contains(word.as_str())), "{word} is in\n{metrics}");
    }
    assert!(labels.iter().any(|labels| labels.contains("_OTHER")), "some methods were made up");
    assert!(inventor.0.len() > REQUESTS * 4);
}

#[tokio::test]
async fn counters_are_there_before_anything_happens() {
    let world = World::start().await;
    let metrics = world.process.telemetry().render_metrics().unwrap();
    let zeros: BTreeSet<&str> = metrics.lines().filter_map(|line| line.strip_suffix(" 0")).collect();
    for series in [
        r#"onsale_gateway_problems_total{kind="refusal",problem="still-waiting"}"#,
        r#"onsale_gateway_problems_total{kind="mistake",problem="invalid-json"}"#,
        r#"onsale_gateway_problems_total{kind="fault",problem="internal"}"#,
        r#"onsale_gateway_refused_total{reason="load_shed"}"#,
        r#"onsale_gateway_tokens_refused_total{reason="wrong_signature"}"#,
        r#"onsale_gateway_tokens_total{outcome="new"}"#,
        r#"onsale_gateway_status_answers_total{source="view",status="waiting"}"#,
        r#"onsale_gateway_reads_total{answer="not_modified",resource="seats"}"#,
        r#"onsale_gateway_view_hits_total{outcome="fetched",view="layouts"}"#,
        r#"onsale_gateway_calls_retried_total{service="queue"}"#,
        r#"onsale_gateway_calls_failed_total{service="catalog"}"#,
        "onsale_gateway_seats_refused_total",
        "onsale_gateway_seats_encoded_total",
        "onsale_gateway_seats_refresh_failed_total",
        "onsale_gateway_sync_failed_total",
        "onsale_gateway_seat_views_watched",
        "http_server_active_requests",
        r#"onsale_gateway_copies{service="catalog",state="down"}"#,
    ] {
        assert!(zeros.contains(series), "{series} is not at zero:\n{metrics}");
    }
    assert!(metrics.contains("onsale_gateway_copies{service=\"queue\",state=\"up\"} 1\n"), "{metrics}");
    let problems = zeros.iter().filter(|series| series.starts_with("onsale_gateway_problems_total"));
    let documented = DOCUMENTED.lines().filter(|line| line.starts_with("| `urn:onsale:problem:"));
    assert_eq!(problems.count(), documented.count(), "one of each");
}
