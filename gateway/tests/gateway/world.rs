//! A gateway between a client and the peers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::Uri;
use onsale_gateway::{Gateway, GatewayConfig};
use onsale_process::Process;
use onsale_token::{Keyring, QueueToken, RoomId, UserId};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::{fake_catalog::FakeCatalog, fake_queue::FakeQueue, peer::Peer};

/// The key that signs queue tokens in these tests.
pub(crate) const KEYS: &str = "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
pub(crate) const OPERATOR_KEY: &str = "the-operator-key-of-the-tests";
/// Longer than anything here takes when nothing is broken.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) queue: FakeQueue,
    pub(crate) catalog: FakeCatalog,
    pub(crate) process: Process,
    pub(crate) address: std::net::SocketAddr,
    client: Client,
    pub(crate) peers: Vec<Peer>,
    _running: JoinHandle<()>,
}

impl World {
    /// One copy of each service, and a gateway that is ready.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with another configuration.
    pub(crate) async fn start_with(change: impl FnOnce(&mut GatewayConfig)) -> Self {
        Self::start_over(FakeQueue::open(), change).await
    }

    /// The same, over that queue.
    pub(crate) async fn start_over(queue: FakeQueue, change: impl FnOnce(&mut GatewayConfig)) -> Self {
        let catalog = FakeCatalog::default();
        let peers = vec![Peer::start(queue.routes()).await, Peer::start(catalog.routes()).await];
        let urls = (vec![peers[0].url()], vec![peers[1].url()]);
        let world = Self::between(queue, catalog, urls, peers, change).await;
        within(world.process.readiness().until(true)).await;
        world
    }

    /// A gateway over those copies, ready or not.
    pub(crate) async fn between(
        queue: FakeQueue,
        catalog: FakeCatalog,
        (queue_urls, catalog_urls): (Vec<Uri>, Vec<Uri>),
        peers: Vec<Peer>,
        change: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let mut config = GatewayConfig::over(queue_urls, catalog_urls, KEYS.into());
        config.operator_key = Some(OPERATOR_KEY.into());
        config.limits.sync_interval = Duration::from_millis(20);
        config.limits.health_interval = Duration::from_millis(50);
        config.process.telemetry.log = "error".to_owned();
        change(&mut config);
        let process = Process::start(&config.process, "onsale-gateway").unwrap();
        let gateway = Gateway::bind(&config, &process).await.unwrap();
        let address = gateway.address();
        let running = tokio::spawn(gateway.run(process.shutdown().clone()));
        let client = Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        Self { queue, catalog, process, address, client, peers, _running: running }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn get_with(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub(crate) async fn status(&self, token: &str) -> Answer {
        self.get_with("/api/queues/status", token).await
    }

    pub(crate) async fn join(&self, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, "/api/queues/token").json(body)).await
    }

    pub(crate) async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(method, path).bearer_auth(OPERATOR_KEY);
        Answer::of(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Asserts that this is that problem, and that it is written as problems are.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, slug: &str) -> Value {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["type"], format!("urn:onsale:problem:{slug}"), "{self:?}");
        assert_eq!((self.status, &body["status"]), (status, &Value::from(status)), "{self:?}");
        assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{self:?}");
        let comes_back = matches!(status, 429 | 503);
        assert!(!comes_back || self.retry_after().is_some(), "no Retry-After: {self:?}");
        assert_eq!(status == 401, self.header("www-authenticate").is_some(), "{self:?}");
        body
    }

    /// Asserts that this is that problem with that field.
    #[track_caller]
    pub(crate) fn names_field(&self, status: u16, slug: &str, field: &str) {
        let body = self.is_problem(status, slug);
        assert_eq!(body["errors"][0]["field"], field, "{self:?}");
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.header("retry-after").map(|seconds| seconds.parse().unwrap())
    }
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// A token of the site room in epoch 1.
pub(crate) fn token(number: u64) -> String {
    token_of(1, 1, number)
}

pub(crate) fn token_of(room: u64, epoch: u64, number: u64) -> String {
    let token = QueueToken {
        room: RoomId::new(room).unwrap(),
        epoch,
        number,
        user: UserId::new(&format!("user-{number}")).unwrap(),
    };
    let keys = Keyring::parse(&KEYS.into(), Duration::from_hours(1)).unwrap();
    keys.sign(&token, u64::try_from(now_ms()).unwrap() / 1_000).unwrap()
}

/// Waits for what has to happen, and fails when it does not.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it does not happen")
}

/// Asks again until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(mut is_so: impl FnMut() -> F) {
    within(async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
