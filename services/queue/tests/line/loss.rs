//! Redis killed, slowed and put back amid joins: what was handed out stays handed out.

use std::{fs, path::Path, process::Command, time::Duration};

use onsale_queue::store::redis::ScriptSources;
use onsale_stack::Fsync;

use crate::{
    house::without,
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
    let mut night = Night::begin(Fsync::Always, ScriptSources::default()).await;
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
    let mut night = Night::begin(Fsync::Always, ScriptSources::default()).await;
    for round in 0..5 {
        let survivors = if round == 3 { Survivors::GatewaysAlone } else { Survivors::Copies };
        crash_and_lose_a_second(&mut night, survivors).await;
    }
    night.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_fence_two_visitors_hold_one_number_and_serving_falls() {
    let sources = ScriptSources::default();
    let after_a_crash = "math.max(seq, seen_seq, seen_serving) + margin, math.max(serving, seen_serving)";
    let at_any_time = "seen_seq <= seq and seen_serving <= serving";
    let fence = without(&sources.fence, after_a_crash, "seq, serving");
    let fence = without(&fence, at_any_time, "true");
    let mut night = Night::begin(Fsync::Always, ScriptSources { fence, ..sources }).await;
    crash_and_lose_a_second(&mut night, Survivors::Copies).await;
    night.until_more_joined(50).await;
    let broken = night.broken();
    assert!(broken.iter().any(|what| what.contains("both hold")), "{broken:?}");
    assert!(broken.iter().any(|what| what.contains("serving fell")), "{broken:?}");
}
