//! What telemetry costs a poll and a join: the processor time of the gateway and of the queue, with metrics, logs and
//! traces off, with metrics and one trace of a hundred sent to a receiver, and the same with a receiver that takes the
//! connection and never answers.
//!
//! ```text
//! cargo build --release --bins
//! cargo run --release -p onsale-gateway --example telemetry_cost
//! ```
//!
//! Each of the three is a whole line of its own: Redis, queue, gateway. In a round each is measured once, and the order
//! turns from round to round, so that what else the machine does falls on all alike. A ratio is of one round; what is
//! printed is the median of the rounds, and the interval that holds the true median with 96 % (the third and the tenth
//! of twelve, by the binomial distribution; nothing is assumed of how they are spread).
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use futures::future::try_join_all;
use onsale_stack::{Postgres, PostgresOptions, Redis, RedisOptions, Service, ServiceOptions, procfs};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

const ROUNDS: usize = 12;
/// The places of the interval's ends among the sorted rounds.
const INTERVAL: (usize, usize) = (2, 9);
const CLIENTS: usize = 16;
const POLLS: u32 = 20_000;
const JOINS: u32 = 5_000;
const KEYS: &str = "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const OPERATOR_KEY: &str = "the-operator-key-of-the-measurement";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let postgres = Postgres::start(PostgresOptions::default()).await?;
    let catalog = ServiceOptions::new("onsale-catalog").env("ONSALE_DATABASE_URL", postgres.url("postgres"));
    let catalog = Service::start(catalog).await?;
    let (receiver, spans) = Receiver::start().await?;
    let off = Line::start("off", &catalog, &[("ONSALE_TELEMETRY", "off")]).await?;
    let on = Line::start("on", &catalog, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver)]).await?;
    let hanging = stalled_receiver().await?;
    let stalled = Line::start("stalled", &catalog, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &hanging)]).await?;
    let lines = [off, on, stalled];
    let mut costs: [Vec<Cost>; 3] = Default::default();
    for round in 0..=ROUNDS {
        for turn in 0..lines.len() {
            let which = (round + turn) % lines.len();
            let cost = lines[which].cost(round).await?;
            // The first round warms them up.
            if round > 0 {
                costs[which].push(cost);
            }
        }
    }
    report(&costs);
    println!("spans received: {}", spans.load(Ordering::Relaxed));
    for line in &lines {
        println!("spans dropped, {}: {}", line.name, line.dropped().await?);
    }
    Ok(())
}

fn report(costs: &[Vec<Cost>; 3]) {
    let [off, on, stalled] = costs;
    println!("{:<28} {:>12} {:>12} {:>26}", "CPU µs a request", "without", "with", "ratio (96 % interval)");
    let of = |name: &str, one: &[Cost], other: &[Cost], cost: fn(&Cost) -> f64| {
        let ratios = sorted(other.iter().zip(one).map(|(other, one)| cost(other) / cost(one)).collect());
        let middle = |costs: &[Cost]| median(&sorted(costs.iter().map(cost).collect()));
        let (low, high) = (ratios[INTERVAL.0], ratios[INTERVAL.1]);
        let ratio = format!("{:.3} ({low:.3} to {high:.3})", median(&ratios));
        println!("{name:<28} {:>12.1} {:>12.1} {ratio:>26}", middle(one), middle(other));
    };
    of("status: off, on", off, on, |cost| cost.status_us);
    of("token: off, on", off, on, |cost| cost.token_us);
    of("status: receiver, stalled", on, stalled, |cost| cost.status_us);
    of("token: receiver, stalled", on, stalled, |cost| cost.token_us);
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Of an even number of sorted values.
fn median(sorted: &[f64]) -> f64 {
    f64::midpoint(sorted[sorted.len() / 2 - 1], sorted[sorted.len() / 2])
}

/// Of one request, in all processes of a line that it reaches.
struct Cost {
    status_us: f64,
    token_us: f64,
}

/// Redis, a queue and a gateway, and somebody who waits.
struct Line {
    name: &'static str,
    _redis: Redis,
    queue: Service,
    gateway: Service,
    client: Client,
    token: String,
}

impl Line {
    async fn start(
        name: &'static str,
        catalog: &Service,
        telemetry: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let telemetry = || telemetry.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let redis = Redis::start(RedisOptions::default()).await?;
        let queue = ServiceOptions::new("onsale-queue").env("ONSALE_REDIS_URL", redis.url());
        let queue = Service::start(queue.env("ONSALE_TOKEN_KEYS", KEYS).envs(telemetry())).await?;
        let gateway = ServiceOptions::new("onsale-gateway")
            .env("ONSALE_QUEUE_URLS", queue.url("grpc"))
            .env("ONSALE_CATALOG_URLS", catalog.url("grpc"))
            .env("ONSALE_TOKEN_KEYS", KEYS)
            .env("ONSALE_OPERATOR_KEY", OPERATOR_KEY)
            .envs(telemetry());
        let mut gateway = Service::start(gateway).await?;
        gateway.until_ready().await?;
        let mut line =
            Self { name, _redis: redis, queue, gateway, client: Client::new(), token: String::new() };
        line.close_doors().await?;
        line.token = line.join("somebody").await?;
        Ok(line)
    }

    /// Everybody waits from now on.
    async fn close_doors(&self) -> anyhow::Result<()> {
        let policy = json!({
            "mode": "paused", "ratePerSecond": 1.0, "burst": 1, "capacity": 1, "claimWindowMs": 300_000,
            "returnWindowMs": 600_000, "leaseMs": 600_000, "sessionCapMs": 600_000, "maxWaiting": 10_000_000,
        });
        let url = self.gateway.url("http") + "/api/admin/rooms/1";
        let put = self.client.put(url).bearer_auth(OPERATOR_KEY).json(&json!({ "policy": policy }));
        put.send().await?.error_for_status()?;
        let closed = || async {
            let url = self.gateway.url("http") + "/api/queues/rooms/1";
            let room: Value = self.client.get(url).send().await.ok()?.json().await.ok()?;
            (room["mode"] == "paused").then_some(())
        };
        onsale_stack::until(Duration::from_secs(10), closed).await.context("the room is not known")
    }

    async fn join(&self, user: &str) -> anyhow::Result<String> {
        let url = self.gateway.url("http") + "/api/queues/token";
        let answer = self.client.post(url).json(&json!({ "userId": user })).send().await?;
        anyhow::ensure!(answer.status() == StatusCode::CREATED, "{} to a join", answer.status());
        let joined: Value = answer.json().await?;
        Ok(joined["token"].as_str().context("no token")?.to_owned())
    }

    async fn poll(&self) -> anyhow::Result<()> {
        let url = self.gateway.url("http") + "/api/queues/status";
        let answer = self.client.get(url).bearer_auth(&self.token).send().await?;
        anyhow::ensure!(answer.status() == StatusCode::OK, "{} to a poll", answer.status());
        answer.bytes().await?;
        Ok(())
    }

    async fn cost(&self, round: usize) -> anyhow::Result<Cost> {
        let status_us = self.cost_us(POLLS, |_| self.poll()).await?;
        let join = |number| async move { self.join(&format!("{round}-{number}")).await.map(drop) };
        let token_us = self.cost_us(JOINS, join).await?;
        Ok(Cost { status_us, token_us })
    }

    /// Makes so many requests, and gives what one has cost.
    async fn cost_us<F: Future<Output = anyhow::Result<()>>>(
        &self,
        times: u32,
        request: impl Fn(u32) -> F,
    ) -> anyhow::Result<f64> {
        let (left, request) = (&AtomicU32::new(times), &request);
        let before = self.cpu_time()?;
        let client = |_| async move {
            while let Ok(number) =
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            {
                request(number).await?;
            }
            anyhow::Ok(())
        };
        try_join_all((0..CLIENTS).map(client)).await?;
        let took = self.cpu_time()?.saturating_sub(before);
        Ok(took.as_secs_f64() * 1e6 / f64::from(times))
    }

    fn cpu_time(&self) -> anyhow::Result<Duration> {
        let of = |service: &Service| procfs::cpu_time(service.pid()).context("it is gone");
        Ok(of(&self.gateway)? + of(&self.queue)?)
    }

    /// Spans that the gateway and the queue could not send.
    async fn dropped(&self) -> anyhow::Result<f64> {
        let mut dropped = 0.0;
        for service in [&self.gateway, &self.queue] {
            let (_, text) = service.ops("/metrics").await.context("no answer")?;
            let lines = text.lines().filter(|line| line.starts_with("onsale_telemetry_spans_dropped_total"));
            let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
            dropped += values.sum::<f64>();
        }
        Ok(dropped)
    }
}

/// Counts spans.
struct Receiver(Arc<AtomicU64>);

impl Receiver {
    async fn start() -> anyhow::Result<(String, Arc<AtomicU64>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let received = Arc::<AtomicU64>::default();
        let service = TraceServiceServer::new(Self(Arc::clone(&received)));
        let server = Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        Ok((address, received))
    }
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request.get_ref().resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        let spans: usize = scopes.map(|scope| scope.spans.len()).sum();
        self.0.fetch_add(spans as u64, Ordering::Relaxed);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// Takes connections, and says nothing on them.
async fn stalled_receiver() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            connections.push(connection);
        }
    });
    Ok(address)
}
