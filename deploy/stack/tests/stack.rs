//! A whole Onsale as a test's own value: found, run by an operator, broken and whole again, with the real programs.
//!
//! Needs the programs built: `cargo build --workspace --bins`, which `deploy/test` does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, net::TcpListener, path::Path, sync::Mutex, time::Duration};

use onsale_stack::{
    Stack, StackError, StackOptions, Target, invariants,
    operator::{Desk, Room, RoomSeen, RoomWatch},
    procfs, until,
};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);
/// A room of the test's own, and a concert of the demo's.
const ROOM: u64 = 7;
const CONCERT: u64 = 1;

fn options(folder: &Path) -> StackOptions {
    let settings = vec![("ONSALE_LOG".to_owned(), "warn".to_owned())];
    StackOptions { folder: folder.to_owned(), settings, ..StackOptions::default() }
}

fn policy(capacity: u32) -> Value {
    json!({
        "mode": "open", "capacity": capacity, "ratePerSecond": 20, "burst": 20, "claimWindowMs": 120_000,
        "returnWindowMs": 600_000, "leaseMs": 30_000, "sessionCapMs": 300_000, "maxWaiting": 1_000,
    })
}

/// Waits until a watch has seen what is asked for.
async fn seen(watch: &RoomWatch, holds: impl Fn(&RoomSeen) -> bool) -> RoomSeen {
    let seen = until(SOON, || {
        let seen = watch.seen();
        let holds = holds(&seen);
        async move { holds.then_some(seen) }
    });
    seen.await.unwrap()
}

/// How often a watch was answered.
fn answers(seen: &RoomSeen) -> usize {
    seen.serving.checked
}

#[tokio::test]
async fn a_stack_is_found_and_taken_and_leaves_its_folder_free() {
    let place = tempfile::tempdir().unwrap();
    let said = Mutex::new(Vec::new());
    let progress = |text: &str| said.lock().unwrap().push(text.to_owned());
    let stack = Stack::start(StackOptions { copies: 2, ..options(place.path()) }, progress).await.unwrap();
    assert_eq!(said.lock().unwrap().len(), 3, "{said:?}");

    let (found, target) = (Target::in_folder(place.path()).unwrap(), stack.target());
    assert_eq!((&found.gateways, &found.ops), (&target.gateways, &target.ops));
    assert_eq!((&found.processes, &found.operator_key), (&target.processes, &target.operator_key));
    assert_eq!(
        (&found.redis_url, found.database_url.as_str()),
        (&target.redis_url, stack.postgres.url("onsale").as_str())
    );
    // Two stores and two of each program; each program has an ops port.
    assert_eq!((found.gateways.len(), found.processes.len(), found.ops.len()), (2, 8, 6));
    for (name, ops) in &found.ops {
        let answer = reqwest::get(format!("{ops}/readyz")).await.unwrap();
        assert!(answer.status().is_success(), "{name} is not ready");
    }
    let log = fs::read_to_string(stack.gateways[0].log()).unwrap();
    assert!(!log.contains("INFO"), "settings are handed on: {log}");

    let again = Stack::start(options(place.path()), |_| ()).await;
    assert!(matches!(again, Err(StackError::IsUp)), "{again:?}");
    assert!(stack.folder().is_free().is_err() && stack.folder().record().exists());

    let (folder, pids) = (stack.folder().clone(), stack.running());
    stack.stop().await.unwrap();
    assert!(pids.iter().all(|process| !process.runs()));
    assert!(folder.is_free().is_ok() && !folder.record().exists());
    assert!(matches!(Target::in_folder(place.path()), Err(StackError::IsDown)));
}

#[tokio::test]
async fn an_operator_runs_rooms_at_whichever_gateway_is_there() {
    let place = tempfile::tempdir().unwrap();
    let mut stack = Stack::start(StackOptions { copies: 2, ..options(place.path()) }, |_| ()).await.unwrap();
    let desk = Desk::at(&stack.target()).unwrap();
    assert!(!desk.room(1).await.unwrap().is_in_force());
    assert!(matches!(desk.room(ROOM).await, Err(StackError::Denied { status: 404, .. })));
    let denied = desk.put_policy(ROOM, &json!({})).await;
    assert!(matches!(denied, Err(StackError::Denied { status: 400..500, .. })), "{denied:?}");

    let made = desk.put_policy(ROOM, &policy(10)).await.unwrap();
    assert_eq!((made.room_id, made.capacity(), made.mode(), made.is_in_force()), (ROOM, 10, "open", true));
    stack.gateways[0].kill9().unwrap();
    let lowered = desk.put_policy(ROOM, &policy(5)).await.unwrap();
    assert!(lowered.policy_version > made.policy_version && lowered.epoch == made.epoch);
    // What is shown can be put.
    assert_eq!(desk.put_policy(ROOM, &lowered.policy).await.unwrap().policy, lowered.policy);
    assert!(desk.reset(ROOM).await.unwrap().epoch > made.epoch);
    desk.tie(CONCERT, ROOM).await.unwrap();
    assert_eq!(desk.room(ROOM).await.unwrap().concert_ids, [CONCERT]);
    desk.untie(CONCERT).await.unwrap();
    assert!(desk.room(ROOM).await.unwrap().concert_ids.is_empty());

    let stranger = Target { operator_key: "another".to_owned(), ..stack.target() };
    let denied = Desk::at(&stranger).unwrap().room(ROOM).await;
    assert!(matches!(denied, Err(StackError::Denied { status: 401, .. })), "{denied:?}");
    stack.gateways[1].kill9().unwrap();
    assert!(matches!(desk.room(ROOM).await, Err(StackError::NoAnswer { .. })));
}

#[tokio::test]
async fn redis_is_killed_and_comes_back_and_who_looks_sees_both() {
    let place = tempfile::tempdir().unwrap();
    let mut stack = Stack::start(options(place.path()), |_| ()).await.unwrap();
    let (target, pid) = (stack.target(), stack.redis.pid());
    let desk = Desk::at(&target).unwrap();
    desk.put_policy(ROOM, &policy(10)).await.unwrap();
    let watch = RoomWatch::start(desk.clone(), ROOM);
    seen(&watch, |seen| answers(seen) > 0).await;
    let findings = invariants::check(&target).await.unwrap();
    let invariants =
        |of: &[invariants::Finding]| of.iter().map(|one| one.invariant.clone()).collect::<Vec<_>>();
    assert!(
        ["I1", "I5"].iter().all(|one| invariants(&findings).iter().any(|found| found == one)),
        "{findings:?}"
    );
    assert!(findings.iter().all(|finding| finding.broken.is_empty()), "{findings:?}");

    stack.redis.kill9().unwrap();
    assert_eq!((stack.ended().len(), procfs::start_time(pid)), (1, None));
    assert!(!stack.running().iter().any(|process| process.name == "redis"));
    seen(&watch, |seen| seen.unanswered > 0).await;
    assert!(invariants::check(&target).await.is_err(), "one of the stores is away");

    stack.redis.restart().await.unwrap();
    stack.record().unwrap();
    let before = answers(&watch.seen());
    seen(&watch, |seen| answers(seen) > before).await;
    let now = Target::in_folder(place.path()).unwrap();
    let redis = now.processes.iter().find(|process| process.name == "redis").unwrap();
    assert!(redis.runs() && redis.pid == stack.redis.pid() && redis.pid != pid);
    assert_eq!(invariants(&invariants::check(&now).await.unwrap()), invariants(&findings));
    let epoch = desk.reset(ROOM).await.unwrap().epoch;
    seen(&watch, |seen| seen.latest.as_ref().is_some_and(|room: &Room| room.epoch == epoch)).await;
    let end = watch.end().await;
    assert!(end.serving.broken.is_empty() && end.capacity.broken.is_empty(), "{end:?}");
    assert_eq!(end.capacity.checked, answers(&end));
}

#[tokio::test]
async fn one_that_is_dropped_leaves_nothing_and_so_does_one_that_cannot_start() {
    let place = tempfile::tempdir().unwrap();
    let stack = Stack::start(options(place.path()), |_| ()).await.unwrap();
    let (folder, processes) = (stack.folder().clone(), stack.running());
    drop(stack);
    assert!(processes.iter().all(|process| !process.runs()));
    assert!(folder.is_free().is_ok() && !folder.record().exists());

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = Some(taken.local_addr().unwrap());
    let started = Stack::start(StackOptions { listen, ..options(place.path()) }, |_| ()).await;
    assert!(matches!(started, Err(StackError::AddressTaken { .. })), "{started:?}");
    assert!(folder.is_free().is_ok() && !folder.record().exists());
}

#[test]
fn starting_can_be_handed_to_another_thread() {
    fn is_send(_: impl Send) {}
    is_send(Stack::start(StackOptions::default(), |_| ()));
}
