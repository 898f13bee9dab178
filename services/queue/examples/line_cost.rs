//! What a line costs Redis: with a thousand waiting and with a million, and what `appendfsync always` costs.
//!
//! ```text
//! cargo run --release -p onsale-queue --example line_cost
//! ```
//!
//! Prints figures of one run on one machine: take the ratios.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    collections::HashMap,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::future::join_all;
use onsale_queue::{
    domain::{Policy, plan},
    store::redis::{RoomEpoch, ScriptSources, Store},
    waiting_room::{JoinRequest, WaitingRooms},
};
use onsale_stack::{Fsync, Redis, RedisOptions};
use onsale_telemetry::{Instruments, StoreMetrics, StoreSystem};
use onsale_token::{Keyring, Mode, RoomId, UserId};
use tokio_util::sync::CancellationToken;

const ROOM: RoomId = RoomId::SITE;
const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;
const BATCH: u64 = 250;
const POLLS: usize = 10_000;
const TICKS: u32 = 500;
const LANES: u32 = 2_000;
const TURNS: u32 = 20;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    waiting_costs().await?;
    durability_costs().await
}

/// What Redis was asked since the last reset: calls by command, and the microseconds that scripts took.
struct Asked {
    calls: u64,
    script_us: f64,
}

async fn waiting_costs() -> anyhow::Result<()> {
    let redis = Redis::start(RedisOptions { fsync: Fsync::EverySecond, ..RedisOptions::default() }).await?;
    let store = connect(&redis).await?;
    let policy = Policy { mode: Mode::Prequeue, max_waiting: 10_000_000, ..Policy::default() };
    store.put_room(ROOM, &policy, None).await?;
    let rooms = open_rooms(&store).await?;
    let empty = used_memory(&redis)?;
    fill(&store, 0, FEW).await?;
    let few = Costs::measure(&redis, &store, FEW).await?;
    fill(&store, FEW + 10_000, MANY).await?;
    let many = Costs::measure(&redis, &store, MANY + 10_000).await?;
    let used = used_memory(&redis)? - empty;
    println!(
        "with {MANY} waiting the room takes {:.1} MiB of Redis ({:.1} bytes a visitor)",
        mib(used),
        per(used, MANY)
    );
    println!(
        "Redis' time for a join: {:.2} µs with {FEW} waiting, {:.2} µs with {MANY}: {:.2} times",
        few.join_us,
        many.join_us,
        many.join_us / few.join_us
    );
    println!(
        "Redis' time for a tick: {:.2} µs with {FEW} waiting, {:.2} µs with {MANY}: {:.2} times",
        few.tick_us,
        many.tick_us,
        many.tick_us / few.tick_us
    );
    polls_cost(&redis, &rooms).await
}

/// What a join and a tick cost, by Redis' own account.
struct Costs {
    join_us: f64,
    tick_us: f64,
}

impl Costs {
    async fn measure(redis: &Redis, store: &Store, from: u64) -> anyhow::Result<Self> {
        // The copy that looks after the rooms is asked nothing meanwhile, but ticks; few against these.
        cli(redis, &["CONFIG", "RESETSTAT"])?;
        fill(store, from, from + 10_000).await?;
        let join_us = asked(redis)?.script_us / 10_000.0;
        cli(redis, &["CONFIG", "RESETSTAT"])?;
        for _ in 0..TICKS {
            let reading = store.read(ROOM, epoch(store).await?, 0).await?.context("no room")?;
            store.tick(ROOM, &reading.snapshot, &plan(&reading.snapshot)).await?;
        }
        // Three scripts a turn: the epoch's reading, the tick's reading, the tick.
        let tick_us = asked(redis)?.script_us / f64::from(TICKS);
        Ok(Self { join_us, tick_us })
    }
}

/// How many commands Redis gets while waiting visitors poll, against as long a time in which nobody does.
async fn polls_cost(redis: &Redis, rooms: &WaitingRooms) -> anyhow::Result<()> {
    let joined = rooms.join(vec![request("somebody who waits")?]).await.remove(0)?;
    let token = joined.map_err(|refusal| anyhow::anyhow!("refused: {refusal:?}"))?.token;
    cli(redis, &["CONFIG", "RESETSTAT"])?;
    let began_at = Instant::now();
    for _ in 0..POLLS {
        rooms.status(&token).await?;
    }
    let took = began_at.elapsed();
    let busy = asked(redis)?.calls;
    cli(redis, &["CONFIG", "RESETSTAT"])?;
    tokio::time::sleep(took).await;
    let idle = asked(redis)?.calls;
    println!(
        "{POLLS} polls of one who waits took {took:?}; Redis got {busy} commands, and {idle} in as long a time without"
    );
    Ok(())
}

async fn durability_costs() -> anyhow::Result<()> {
    let mut rates = HashMap::new();
    for round in 0..3 {
        for fsync in [Fsync::Always, Fsync::EverySecond] {
            let redis = Redis::start(RedisOptions { fsync, ..RedisOptions::default() }).await?;
            let store = connect(&redis).await?;
            store.put_room(ROOM, &Policy { mode: Mode::Prequeue, ..Policy::default() }, None).await?;
            let rooms = open_rooms(&store).await?;
            let (rate, cpu_us) = join_rate(&redis, &rooms).await?;
            println!("round {round}, {fsync:?}: {rate:.0} joins/s, {cpu_us:.1} µs of Redis' CPU a join");
            rates.entry(fsync == Fsync::Always).or_insert_with(Vec::new).push(rate);
        }
    }
    let median = |always: bool| {
        let mut rates = rates.get(&always).cloned().unwrap_or_default();
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or_default()
    };
    println!("always / everysec, medians: {:.2} of the joins/s", median(true) / median(false));
    Ok(())
}

/// 2,000 visitors at a time, 40,000 in all, through one copy.
async fn join_rate(redis: &Redis, rooms: &Arc<WaitingRooms>) -> anyhow::Result<(f64, f64)> {
    let cpu_before = used_cpu_s(redis)?;
    let began_at = Instant::now();
    let lanes = (0..LANES).map(|lane| {
        let rooms = Arc::clone(rooms);
        tokio::spawn(async move {
            for turn in 0..TURNS {
                rooms
                    .join(vec![request(&format!("{lane} {turn}"))?])
                    .await
                    .remove(0)?
                    .map_err(|_| refused())?;
            }
            anyhow::Ok(())
        })
    });
    for lane in join_all(lanes).await {
        lane??;
    }
    let joins = f64::from(LANES * TURNS);
    let cpu = used_cpu_s(redis)? - cpu_before;
    Ok((joins / began_at.elapsed().as_secs_f64(), cpu * 1e6 / joins))
}

fn refused() -> anyhow::Error {
    anyhow::anyhow!("a join was refused")
}

fn request(user: &str) -> anyhow::Result<JoinRequest> {
    Ok(JoinRequest { concert: 0, user: UserId::new(user)?, token: String::new() })
}

async fn connect(redis: &Redis) -> anyhow::Result<Arc<Store>> {
    let metrics = StoreMetrics::new(&Instruments::unread(), StoreSystem::Redis);
    let (url, timeout) = (redis.url().into(), Duration::from_secs(5));
    let store = Store::connect(&url, timeout, ScriptSources::default(), metrics).await?;
    Ok(Arc::new(store))
}

/// A copy that knows the room.
async fn open_rooms(store: &Arc<Store>) -> anyhow::Result<Arc<WaitingRooms>> {
    let keys = format!("cost:{}", STANDARD.encode([1; 32]));
    let keyring = Keyring::parse(&keys.into(), Duration::from_hours(1))?;
    let rooms = Arc::new(WaitingRooms::new(Arc::clone(store), keyring, &Instruments::unread()));
    let looking = Arc::clone(&rooms);
    tokio::spawn(async move { looking.look_after(&CancellationToken::new(), drop).await });
    let known = || async { (!rooms.sync(&[]).rooms.is_empty()).then_some(()) };
    onsale_stack::until(Duration::from_secs(5), known).await.context("the room is not known")?;
    Ok(rooms)
}

async fn fill(store: &Store, from: u64, to: u64) -> anyhow::Result<()> {
    let room = RoomEpoch { room: ROOM, epoch: epoch(store).await? };
    for start in (from..to).step_by(usize::try_from(BATCH)?) {
        let users =
            (start..(start + BATCH).min(to)).map(|user| Ok((UserId::new(&format!("user {user}"))?, 0)));
        store.join(room, &users.collect::<anyhow::Result<Vec<_>>>()?).await?;
    }
    Ok(())
}

async fn epoch(store: &Store) -> anyhow::Result<u64> {
    Ok(store.read(ROOM, 0, 0).await?.context("no room")?.snapshot.head.epoch)
}

fn asked(redis: &Redis) -> anyhow::Result<Asked> {
    let stats = cli(redis, &["INFO", "commandstats"])?;
    let mut asked = Asked { calls: 0, script_us: 0.0 };
    for line in stats.lines().filter_map(|line| line.trim().strip_prefix("cmdstat_")) {
        let (name, figures) = line.split_once(':').context("a line of commandstats")?;
        let figure = |wanted: &str| {
            let found = figures
                .split(',')
                .filter_map(|figure| figure.split_once('='))
                .find(|(key, _)| *key == wanted);
            found.map_or(Ok(0.0), |(_, value)| value.parse::<f64>())
        };
        // What scripts call is counted beside the script; this program's own looking is not counted.
        if name == "evalsha" {
            asked.script_us += figure("usec")?;
        }
        if name == "evalsha" || name == "get" {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let calls = figure("calls")? as u64;
            asked.calls += calls;
        }
    }
    Ok(asked)
}

fn used_memory(redis: &Redis) -> anyhow::Result<u64> {
    let memory = cli(redis, &["INFO", "memory"])?;
    let used = memory.lines().find_map(|line| line.trim().strip_prefix("used_memory:"));
    Ok(used.context("used_memory")?.parse()?)
}

/// All of Redis' threads: its own account.
fn used_cpu_s(redis: &Redis) -> anyhow::Result<f64> {
    let cpu = cli(redis, &["INFO", "cpu"])?;
    let figure = |name: &str| {
        let found = cpu.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        anyhow::Ok(found.context("a figure of the cpu")?.parse::<f64>()?)
    };
    Ok(figure("used_cpu_sys")? + figure("used_cpu_user")?)
}

fn cli(redis: &Redis, arguments: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new("redis-cli").args(["-p", &redis.port().to_string()]).args(arguments).output()?;
    anyhow::ensure!(output.status.success(), "redis-cli {arguments:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
fn per(bytes: u64, visitors: u64) -> f64 {
    bytes as f64 / visitors as f64
}
