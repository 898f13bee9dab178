//! Redis killed, slowed and put back amid joins: what was handed out stays handed out.

use std::{fs, path::Path, process::Command, time::Duration};

use onsale_queue::{
    domain::Policy,
    store::redis::ScriptSources,
    waiting_room::{RoomError, Standing},
};
use onsale_stack::{Fsync, RedisOptions};
use onsale_token::Mode;

use crate::{
    house::{House, is_active, open, request, until, without},
    night::{Night, Survivors},
};

/// What copies the server's log, as a backup or a replica that lags would have it.
fn copy_folder(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_crashes_amid_joins_take_nobodys_place() {
    let mut night = Night::begin(RedisOptions::default(), ScriptSources::default()).await;
    for _ in 0..20 {
        night.until_more_joined(50).await;
        night.crash(Survivors::Copies, |_| {}).await;
    }
    night.end().await;
}

/// Puts the log back to what it was about a second before the crash.
async fn crash_and_lose_a_second(night: &mut Night, survivors: Survivors) {
    night.until_more_joined(50).await;
    let log = night.redis_folder().join("appendonlydir");
    let backup = night.redis_folder().join("backup");
    copy_folder(&log, &backup);
    tokio::time::sleep(Duration::from_secs(1)).await;
    night.until_more_joined(20).await;
    night.crash(survivors, |_| copy_folder(&backup, &log)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_put_back_by_a_second_takes_nobodys_place() {
    let mut night = Night::begin(RedisOptions::default(), ScriptSources::default()).await;
    for round in 0..5 {
        let survivors = if round == 3 { Survivors::GatewaysAlone } else { Survivors::Copies };
        crash_and_lose_a_second(&mut night, survivors).await;
    }
    assert!(night.lost().iter().all(|lost| *lost > 0), "{:?}", night.lost());
    night.end().await;
}

/// Builds the library that slows a disk down.
fn slow_fsync(folder: &Path) -> String {
    let library = folder.join("slow_fsync.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/line/slow_fsync.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", source, "-o"]).arg(&library).status();
    assert!(built.unwrap().success());
    library.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crashes_in_the_middle_of_a_slow_fsync_take_nobodys_place() {
    let folder = tempfile::tempdir().unwrap();
    let environment = vec![("LD_PRELOAD".to_owned(), slow_fsync(folder.path()))];
    // With `always` a slow disk slows every join; what loses writes is the other setting.
    let options = RedisOptions { fsync: Fsync::EverySecond, environment, ..RedisOptions::default() };
    let mut night = Night::begin(options, ScriptSources::default()).await;
    for _ in 0..5 {
        night.until_more_joined(300).await;
        night.crash(Survivors::Copies, |_| {}).await;
    }
    assert!(night.lost().iter().any(|lost| *lost > 0), "no write was lost: {:?}", night.lost());
    night.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forgot_everything_takes_nobodys_place() {
    let mut night = Night::begin(RedisOptions::default(), ScriptSources::default()).await;
    night.until_more_joined(200).await;
    let log = night.redis_folder().join("appendonlydir");
    night.crash(Survivors::Copies, |_| fs::remove_dir_all(log).unwrap()).await;
    night.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_of_an_empty_room_nobody_sees_a_line_that_is_not_there() {
    let mut house = House::open(1, Policy { mode: Mode::Paused, ..open() }).await;
    house.redis.restart().await.unwrap();
    until("joins to be taken again", || async { house.rooms().join(vec![request("ada")]).await[0].is_ok() })
        .await;
    let standing = house.join("ada").await.place.standing;
    assert!(matches!(standing, Standing::Waiting { remaining: 0, ready: false, .. }), "{standing:?}");
}

/// Sessions that Redis forgot go on at the gateways until their leases end, and their slots are given again:
/// so many are above capacity, and for no longer than a lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_were_put_back_exceed_capacity_by_no_more_than_themselves_and_for_no_longer_than_a_lease()
{
    const CAPACITY: usize = 20;
    let lease = Duration::from_secs(3);
    let policy = Policy { mode: Mode::Paused, capacity: 20, lease, session_cap: lease, ..open() };
    let mut house = House::open(2, policy.clone()).await;
    let requests = (0..40).map(|user| request(&format!("user {user}"))).collect();
    let joined = house.rooms().join(requests).await;
    let tokens: Vec<_> = joined.into_iter().map(|joined| joined.unwrap().unwrap().token).collect();
    house.put(&Policy { mode: Mode::Open, capacity: 40, ..policy.clone() }).await;
    house.until_snapshot("all to be called", |snapshot| snapshot.head.serving == 40).await;
    house.put(&Policy { mode: Mode::Open, ..policy }).await;
    let (log, backup) = (house.redis.folder().join("appendonlydir"), house.redis.folder().join("backup"));
    copy_folder(&log, &backup);
    let (first, second) = tokens.split_at(CAPACITY);
    let mut promised_until_ms = 0;
    for token in first {
        let Standing::Active(Some(session)) = house.until_active(token).await.standing else {
            panic!("no session")
        };
        promised_until_ms = promised_until_ms.max(session.lease_end_ms);
    }
    house.redis.kill9().unwrap();
    copy_folder(&backup, &log);
    house.redis.restart().await.unwrap();
    let mut above = 0;
    for token in second {
        until("the claims to be taken", || async { house.rooms().status(token).await.is_ok() }).await;
        let now_ms = i64::try_from(house.snapshot().await.now_ms).unwrap();
        let granted = is_active(&house.status(token).await);
        above += usize::from(granted && now_ms < promised_until_ms);
    }
    println!("{above} sessions above capacity, of {CAPACITY} that were lost, until their leases end");
    assert!((1..=CAPACITY).contains(&above));
    assert!(matches!(house.rooms().renew(&first[0]).await, Err(RoomError::NoSession)));
    let over = |now_ms: u64| i64::try_from(now_ms).unwrap() > promised_until_ms;
    house.until_snapshot("the lost leases to end", |snapshot| over(snapshot.now_ms)).await;
    assert!(house.snapshot().await.active <= CAPACITY as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_fence_two_visitors_hold_one_number_and_serving_falls() {
    let sources = ScriptSources::default();
    let seen = "local seen_seq, seen_serving = tonumber(ARGV[2]), tonumber(ARGV[3])";
    let fence = without(&sources.fence, seen, "local seen_seq, seen_serving = 0, 0");
    let fence = without(&fence, "local target = known + margin", "local target = known");
    let mut night = Night::begin(RedisOptions::default(), ScriptSources { fence, ..sources }).await;
    crash_and_lose_a_second(&mut night, Survivors::Copies).await;
    night.until_more_joined(50).await;
    let broken = night.broken();
    assert!(broken.iter().any(|what| what.contains("both hold")), "{broken:?}");
    assert!(broken.iter().any(|what| what.contains("serving fell")), "{broken:?}");
}
