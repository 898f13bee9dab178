//! All of Onsale, as processes of a test's own.

use std::{collections::BTreeMap, time::Duration};

use onsale_proto::queue::v1::{
    RoomView, SyncRequest, SyncResponse, queue_service_client::QueueServiceClient,
};
use onsale_stack::{Redis, RedisOptions, Service, ServiceOptions};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

use crate::{
    api::{Api, OPERATOR_KEY},
    database::Database,
    wait::until,
};

/// The key that signs queue tokens here.
pub(crate) const TOKEN_KEYS: &str = "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
/// How long a gateway may take to say that something is away: the bound on its calls, and what a busy machine adds.
pub(crate) const DEADLINE: Duration = Duration::from_secs(2 + 1);
/// How soon everything works again after what was away is back.
pub(crate) const RECOVERY: Duration = Duration::from_secs(2);

/// What to start.
#[derive(Default)]
pub(crate) struct Plan {
    /// Of each service, one where nothing is said.
    pub(crate) copies: usize,
    /// One where nothing is said.
    pub(crate) gateways: usize,
    /// Whether the test breaks Postgres.
    pub(crate) own_postgres: bool,
    /// Settings of the gateways.
    pub(crate) gateway: BTreeMap<String, String>,
    /// Settings of every program.
    pub(crate) all: BTreeMap<String, String>,
}

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Onsale {
    pub(crate) redis: Redis,
    pub(crate) database: Database,
    pub(crate) queues: Vec<Service>,
    pub(crate) catalogs: Vec<Service>,
    pub(crate) gateways: Vec<Service>,
    _redis_folder: Option<TempDir>,
}

impl Onsale {
    /// One of each.
    pub(crate) async fn start() -> Self {
        Self::start_as(Plan::default()).await
    }

    /// Starts what is planned, and waits until all of it is ready. The site room is off, as in every new Onsale.
    pub(crate) async fn start_as(plan: Plan) -> Self {
        let (redis, redis_folder) = redis().await;
        let database = if plan.own_postgres { Database::own().await } else { Database::shared().await };
        let (copies, gateways) = (plan.copies.max(1), plan.gateways.max(1));
        let program = |name: &str| ServiceOptions::new(name).envs(plan.all.clone());
        let queue = program("onsale-queue").env("ONSALE_REDIS_URL", redis.url());
        let queues = start(copies, &queue.env("ONSALE_TOKEN_KEYS", TOKEN_KEYS)).await;
        let catalog = program("onsale-catalog").env("ONSALE_DATABASE_URL", database.url());
        let catalogs = start(copies, &catalog.env("ONSALE_DATABASE_CONNECTIONS", "8")).await;
        let gateway = program("onsale-gateway")
            .env("ONSALE_QUEUE_URLS", urls(&queues))
            .env("ONSALE_CATALOG_URLS", urls(&catalogs))
            .env("ONSALE_TOKEN_KEYS", TOKEN_KEYS)
            .env("ONSALE_OPERATOR_KEY", OPERATOR_KEY)
            .envs(plan.gateway);
        let gateways = start(gateways, &gateway).await;
        let mut onsale = Self { redis, database, queues, catalogs, gateways, _redis_folder: redis_folder };
        onsale.until_ready().await;
        onsale
    }

    /// Waits until every program says that it is ready.
    pub(crate) async fn until_ready(&mut self) {
        for program in self.queues.iter_mut().chain(&mut self.catalogs).chain(&mut self.gateways) {
            program.until_ready().await.unwrap();
        }
    }

    /// The first gateway.
    pub(crate) fn api(&self) -> Api {
        self.api_of(0)
    }

    pub(crate) fn api_of(&self, gateway: usize) -> Api {
        Api::new(self.gateways[gateway].url("http"))
    }

    /// Sets a room's policy, and waits until every program knows of it.
    pub(crate) async fn put_room(&self, room: u64, policy: &Value) {
        let (path, body) = (format!("rooms/{room}"), json!({ "policy": policy }));
        let put = self.api().admin(Method::PUT, &path, Some(&body)).await.is(200);
        self.until_known(&put).await;
    }

    /// Waits until every program knows a room as the answer of the admin API tells it.
    pub(crate) async fn until_known(&self, room: &Value) {
        let (id, version) = (room["roomId"].as_u64().unwrap(), room["policyVersion"].as_u64().unwrap());
        for queue in &self.queues {
            let knows = || async {
                let views = views(queue).await;
                views.iter().any(|view| view.room_id == id && view.policy_version >= version)
            };
            until("a copy to know the room", knows).await;
        }
        for gateway in 0..self.gateways.len() {
            let api = self.api_of(gateway);
            let knows = || async {
                let answer = api.get(&format!("/api/queues/rooms/{id}")).await;
                answer.status == 200 && answer.json()["mode"] == room["policy"]["mode"]
            };
            until("a gateway to know the room", knows).await;
        }
    }

    /// Puts a concert behind a room in force, and waits until every gateway and every copy keeps it there.
    pub(crate) async fn guard(&self, concert: u64, room: u64) {
        let path = format!("concerts/{concert}/room");
        self.api().admin(Method::PUT, &path, Some(&json!({ "roomId": room }))).await.is(204);
        for queue in &self.queues {
            until("a copy to know the concert's room", || async { room_of(queue, concert).await == room })
                .await;
        }
        for gateway in 0..self.gateways.len() {
            let api = self.api_of(gateway);
            let schedules = format!("/api/concerts/{concert}/schedules");
            until("a gateway to guard the concert", || async { api.get(&schedules).await.status == 401 })
                .await;
        }
    }
}

/// A Redis that writes to memory where the system has such a folder: what it has written outlives it all the same,
/// and another program's use of the disk is not taken for an outage of Redis.
async fn redis() -> (Redis, Option<TempDir>) {
    let folder = tempfile::tempdir_in("/dev/shm").ok();
    let kept = folder.as_ref().map(|folder| folder.path().to_owned());
    (Redis::start(RedisOptions { folder: kept, ..RedisOptions::default() }).await.unwrap(), folder)
}

async fn start(count: usize, options: &ServiceOptions) -> Vec<Service> {
    let mut copies = Vec::new();
    for _ in 0..count {
        copies.push(Service::start(options.clone()).await.unwrap());
    }
    copies
}

fn urls(services: &[Service]) -> String {
    services.iter().map(|service| service.url("grpc")).collect::<Vec<_>>().join(",")
}

/// What a copy of the queue tells gateways of its rooms.
pub(crate) async fn views(queue: &Service) -> Vec<RoomView> {
    synced(queue).await.rooms
}

async fn room_of(queue: &Service, concert: u64) -> u64 {
    let rooms = synced(queue).await.concert_rooms.unwrap_or_default().room_by_concert;
    rooms.get(&concert).copied().unwrap_or(1)
}

async fn synced(queue: &Service) -> SyncResponse {
    QueueServiceClient::new(channel(queue)).sync(SyncRequest::default()).await.unwrap().into_inner()
}

/// A connection to a service's gRPC port, as an internal caller has one.
pub(crate) fn channel(service: &Service) -> Channel {
    Endpoint::from_shared(service.url("grpc")).unwrap().timeout(Duration::from_secs(10)).connect_lazy()
}
