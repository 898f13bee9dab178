//! What reading the seats of a hall of 100,000 costs the gateway, and how many bytes each representation has, beside a
//! program that answers "hello" and does nothing else.
//!
//! ```text
//! cargo build --release --bins
//! cargo run --release -p onsale-gateway --example seat_read_cost
//! ```
//!
//! The gateway is the whole of it, with all layers, in front of a queue, a catalog, Redis and Postgres; 40 % of the
//! seats are sold and 5 % are held. The cost is the processor time of the gateway's process, its refreshing of the
//! view included. Each round asks all of them: take the ratios.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::Context as _;
use axum::{Router, routing::get};
use futures::future::try_join_all;
use onsale_stack::{
    Postgres, PostgresOptions, Redis, RedisOptions, Service, ServiceOptions, procfs, run_to_end,
};
use reqwest::{
    Client, StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use serde_json::{Value, json};

const SEATS: u32 = 100_000;
const ROUNDS: usize = 5;
const READERS: usize = 16;
const SEATS_PATH: &str = "/api/concerts/1/schedules/1/seats";
const KEYS: &str = "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if env::args().nth(1).as_deref() == Some("hello") {
        return say_hello().await;
    }
    let bench = Bench::start().await?;
    let readings = bench.readings().await?;
    let mut costs = vec![Vec::new(); readings.len()];
    for _ in 0..ROUNDS {
        for (reading, costs) in readings.iter().zip(&mut costs) {
            costs.push(bench.cost_us(reading).await?);
        }
    }
    report(&readings, &costs);
    Ok(())
}

/// Something to be read, so often in a round that its cost can be told.
struct Reading {
    name: &'static str,
    pid: i32,
    url: String,
    headers: HeaderMap,
    times: u32,
    status: StatusCode,
    bytes: usize,
}

fn report(readings: &[Reading], costs: &[Vec<f64>]) {
    let hello = costs.first().map_or(&[][..], Vec::as_slice);
    println!("{:<24} {:>10} {:>10} {:>26}", "", "bytes", "CPU µs", "times hello (range)");
    for (reading, costs) in readings.iter().zip(costs) {
        let ratios = sorted(costs.iter().zip(hello).map(|(cost, hello)| cost / hello).collect());
        let cost = sorted(costs.clone())[ROUNDS / 2];
        let ratio = format!("{:.2} ({:.2} to {:.2})", ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
        println!("{:<24} {:>10} {cost:>10.1} {ratio:>26}", reading.name, reading.bytes);
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

struct Bench {
    _redis: Redis,
    _postgres: Postgres,
    _queue: Service,
    _catalog: Service,
    gateway: Service,
    hello: Hello,
    client: Client,
}

impl Bench {
    async fn start() -> anyhow::Result<Self> {
        let redis = Redis::start(RedisOptions::default()).await?;
        let postgres = Postgres::start(PostgresOptions::default()).await?;
        fill(&postgres).await?;
        let queue = ServiceOptions::new("onsale-queue").env("ONSALE_REDIS_URL", redis.url());
        let queue = Service::start(queue.env("ONSALE_TOKEN_KEYS", KEYS)).await?;
        let catalog =
            ServiceOptions::new("onsale-catalog").env("ONSALE_DATABASE_URL", postgres.url("postgres"));
        let catalog = Service::start(catalog).await?;
        let gateway = ServiceOptions::new("onsale-gateway")
            .env("ONSALE_QUEUE_URLS", queue.url("grpc"))
            .env("ONSALE_CATALOG_URLS", catalog.url("grpc"))
            .env("ONSALE_TOKEN_KEYS", KEYS);
        let mut gateway = Service::start(gateway).await?;
        gateway.until_ready().await?;
        let (hello, client) = (Hello::start()?, Client::new());
        Ok(Self {
            _redis: redis,
            _postgres: postgres,
            _queue: queue,
            _catalog: catalog,
            gateway,
            hello,
            client,
        })
    }

    async fn readings(&self) -> anyhow::Result<Vec<Reading>> {
        let states = &format!("{SEATS_PATH}?view=states");
        let all = &format!("{SEATS_PATH}?status=ALL");
        let plain = HeaderMap::new();
        let gzip = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
        let first = self.client.get(self.gateway.url("http") + states).send().await?;
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone())]);
        let mut readings = vec![
            self.hello(),
            self.of_gateway("304", states, &known, 20_000),
            self.of_gateway("states, gzip", states, &gzip, 20_000),
            self.of_gateway("states", states, &plain, 10_000),
            self.of_gateway("list of all, gzip", all, &gzip, 1_000),
            self.of_gateway("list of all", all, &plain, 100),
            self.of_gateway("list of free, gzip", SEATS_PATH, &gzip, 1_000),
        ];
        readings[1].status = StatusCode::NOT_MODIFIED;
        for reading in &mut readings {
            reading.bytes = self.read(reading).await?;
        }
        Ok(readings)
    }

    fn hello(&self) -> Reading {
        let (pid, url) = (self.hello.process.id().cast_signed(), self.hello.url.clone());
        Reading { pid, url, ..self.of_gateway("hello", "", &HeaderMap::new(), 20_000) }
    }

    fn of_gateway(&self, name: &'static str, path: &str, headers: &HeaderMap, times: u32) -> Reading {
        let (pid, url) = (self.gateway.pid(), self.gateway.url("http") + path);
        Reading { name, pid, url, headers: headers.clone(), times, status: StatusCode::OK, bytes: 0 }
    }

    async fn cost_us(&self, reading: &Reading) -> anyhow::Result<f64> {
        let left = &AtomicU32::new(reading.times);
        let before = procfs::cpu_time(reading.pid).context("it is gone")?;
        let reader = |_| async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
            {
                self.read(reading).await?;
            }
            anyhow::Ok(())
        };
        try_join_all((0..READERS).map(reader)).await?;
        let took = procfs::cpu_time(reading.pid).context("it is gone")?.saturating_sub(before);
        Ok(took.as_secs_f64() * 1e6 / f64::from(reading.times))
    }

    /// Reads once, to the last byte, and gives the length of the body.
    async fn read(&self, reading: &Reading) -> anyhow::Result<usize> {
        let response = self.client.get(&reading.url).headers(reading.headers.clone()).send().await?;
        anyhow::ensure!(response.status() == reading.status, "{} for {}", response.status(), reading.name);
        Ok(response.bytes().await?.len())
    }
}

/// A concert in a hall of [`SEATS`], imported as any house's; then clusters of seats are sold and held.
async fn fill(postgres: &Postgres) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("house.json");
    fs::write(&file, house().to_string())?;
    let import = ServiceOptions::new("onsale-catalog")
        .env("ONSALE_DATABASE_URL", postgres.url("postgres"))
        .argument("import")
        .argument(&file);
    run_to_end(import, Duration::from_mins(2)).await?;
    postgres.sql(
        "UPDATE seat_state SET status = 2, hold_id = gen_random_uuid() WHERE abs(hashint4(seat_no / 6)) % 5 < 2;
         UPDATE seat_state SET status = 1, hold_id = gen_random_uuid(), held_until = now() + interval '1 day'
         WHERE abs(hashint4(seat_no / 4)) % 12 = 0 AND status = 0;
         UPDATE block_version b
         SET version = version + 1, free_seats = s.free, first_end = s.first_end
         FROM (SELECT (seat_no - 1) / 512 AS block, count(*) FILTER (WHERE status = 0) AS free,
                      min(held_until) AS first_end
               FROM seat_state GROUP BY 1) s
         WHERE s.block = b.block",
    )?;
    Ok(())
}

fn house() -> Value {
    const ROWS: u32 = 40;
    const SEATS_A_ROW: u32 = 50;
    let rows: Vec<_> = (1..=ROWS).map(|row| row.to_string()).collect();
    let seats = format!("1-{SEATS_A_ROW}");
    let section = |number: u32| {
        let tier = ["A", "B", "C"][number as usize % 3];
        let label = format!("{number}/{{row}}-{{number}}");
        json!({
            "name": format!("Block {number}"), "tier": tier, "label": label,
            "rows": [{"rows": &rows, "seats": &seats}]
        })
    };
    let sections: Vec<_> = (1..=SEATS / ROWS / SEATS_A_ROW).map(section).collect();
    json!({
        "halls": [{"key": "arena", "name": "Arena", "sections": sections}],
        "concerts": [{
            "key": "show", "name": "Show", "performer": "Performer", "venue": "Arena",
            "schedules": [{
                "key": "first-night", "hall": "arena", "startsAt": "2099-05-01T19:00:00Z",
                "saleOpensAt": "2020-01-01T10:00:00Z", "saleClosesAt": "2099-05-01T18:00:00Z",
                "currency": "EUR", "prices": {"A": 9000, "B": 7000, "C": 5000}
            }]
        }]
    })
}

/// The same HTTP server with nothing behind it, in a process of its own.
struct Hello {
    process: Child,
    url: String,
}

impl Hello {
    fn start() -> anyhow::Result<Self> {
        let mut process = Command::new(env::current_exe()?).arg("hello").stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().context("its output is not read")?).read_line(&mut address)?;
        Ok(Self { process, url: format!("http://{}/", address.trim()) })
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn say_hello() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route("/", get(|| async { "hello" }))).await?)
}
