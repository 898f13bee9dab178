//! Seats from views: how old they are, what they cost, and what a reader is sure to see.

use std::{
    io::Read as _,
    sync::Arc,
    time::{Duration, Instant},
};

use onsale_proto::queue::v1 as pb;
use onsale_seat_view::SeatState;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tonic::Status;

use crate::{
    fake_catalog::FakeCatalog,
    fake_queue::FakeQueue,
    peer::Peer,
    world::{Answer, World, until, within},
};

const SEATS: &str = "/api/concerts/7/schedules/71/seats";
const BOUND: Duration = Duration::from_millis(250);

/// Nobody has to wait.
fn queue_without_a_room() -> FakeQueue {
    let queue = FakeQueue::open();
    queue.script().rooms[0].mode = pb::Mode::Off.into();
    queue
}

async fn world() -> World {
    World::start_over(queue_without_a_room(), |_| {}).await
}

async fn states(world: &World) -> Answer {
    world.get(&format!("{SEATS}?view=states")).await
}

/// Waits until the states are these, and gives the answer that said so.
async fn until_states(world: &World, wanted: &str) -> Value {
    until(|| async { states(world).await.json()["states"] == wanted }).await;
    states(world).await.json()
}

fn version(body: &Value) -> String {
    body["version"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

/// A write's version as its answer has it, by the codec's own format: kind, schedule, epoch, one block, its version.
fn of_write(epoch: u8, version: u64) -> String {
    use base64::Engine as _;
    let bytes = [2, 71, epoch, 1, 0, u8::try_from(version).unwrap()];
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn encoded(world: &World) -> u64 {
    let metrics = world.process.telemetry().render_metrics().unwrap();
    let name = "onsale_gateway_seats_encoded_total";
    let line = metrics.lines().find(|line| line.starts_with(name));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn those_who_come_at_once_cost_one_call_and_later_ones_none_of_their_own() {
    let world = Arc::new(world().await);
    world.catalog.script().seats.delay = Duration::from_millis(30);
    let mut crowd = JoinSet::new();
    for _ in 0..50 {
        let world = Arc::clone(&world);
        crowd.spawn(async move { world.get(SEATS).await.status });
    }
    assert!(crowd.join_all().await.iter().all(|status| *status == 200));
    let first = world.catalog.script().seats.known.iter().filter(|known| known.is_none()).count();
    assert_eq!((first, world.catalog.calls("get_layout")), (1, 1));
    let (before, began) = (world.catalog.calls("refresh_seats"), Instant::now());
    for _ in 0..200 {
        assert_eq!(world.get(SEATS).await.status, 200);
    }
    let refreshes = world.catalog.calls("refresh_seats") - before;
    let ticks = usize::try_from(began.elapsed().as_millis()).unwrap() / 50 + 2;
    assert!(refreshes <= ticks, "{refreshes} in {:?}", began.elapsed());
    assert_eq!(encoded(&world), 1, "once for all who read this version");
}

#[tokio::test]
async fn what_nobody_reads_any_more_is_not_asked_for() {
    let world = world().await;
    states(&world).await;
    let read_at = Instant::now();
    until(|| async { read_at.elapsed() > Duration::from_secs(11) }).await;
    let before = world.catalog.calls("refresh_seats");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.catalog.calls("refresh_seats"), before);
    assert!(before > 100, "{before} in ten seconds");
}

#[tokio::test]
async fn a_write_is_shown_and_makes_another_version() {
    let world = world().await;
    let first = until_states(&world, "ASA").await;
    assert_eq!(
        first,
        json!({
            "ageMs": first["ageMs"], "concertId": 7, "scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z",
            "totalSeats": 3, "version": first["version"], "currency": "EUR", "complete": true, "layoutId": 5,
            "availableSeats": 2, "prices": {"A": 8_800}, "states": "ASA"
        })
    );
    let tag = states(&world).await.header("etag").unwrap().to_owned();
    world.catalog.script().seats.write(3, SeatState::Sold);
    let second = until_states(&world, "ASS").await;
    assert_eq!((&second["availableSeats"], version(&second) == version(&first)), (&json!(1), false));
    let path = format!("{SEATS}?view=states");
    let again = Answer::of(world.request(Method::GET, &path).header("if-none-match", &tag)).await;
    assert_eq!((again.status, again.header("etag") == Some(&tag)), (200, false));
    let list = world.get(SEATS).await;
    assert_ne!(list.header("etag"), again.header("etag"), "another representation");
    assert_eq!(version(&list.json()), version(&second));
}

#[tokio::test]
async fn the_end_of_a_hold_is_shown_without_a_write() {
    let world = world().await;
    world.catalog.script().seats.hold(1, Duration::from_millis(400));
    let held = until_states(&world, "HSA").await;
    let free = until_states(&world, "ASA").await;
    assert_ne!(version(&held), version(&free));
    let since = format!("{SEATS}?view=states&since={}", version(&held));
    let changes = world.get(&since).await.json();
    assert_eq!(changes["changes"], json!([{"seatId": 1, "state": "A"}]));
    assert_eq!((&changes["complete"], &changes["availableSeats"]), (&json!(false), &json!(2)));
    assert!(changes.get("states").is_none());
}

#[tokio::test]
async fn since_a_version_only_changes_are_told_and_everything_where_they_cannot_be() {
    let world = world().await;
    let first = version(&until_states(&world, "ASA").await);
    let since = |query: &str, version: &str| format!("{SEATS}?{query}&since={version}");
    let same = world.get(&since("status=ALL", &first)).await.json();
    assert_eq!((&same["seats"], &same["complete"]), (&json!([]), &json!(false)));

    world.catalog.script().seats.write(3, SeatState::Blocked);
    let second = version(&until_states(&world, "ASB").await);
    let changed = world.get(&since("", &first)).await.json();
    assert_eq!((changed["seats"].as_array().unwrap().len(), &changed["complete"]), (1, &json!(false)));
    let seat = &changed["seats"][0];
    assert_eq!(
        (&seat["seatId"], &seat["status"], &seat["section"]),
        (&json!(3), &json!("BLOCKED"), &json!("Circle"))
    );
    let elsewhere = world.get(&since("section=Stalls", &first)).await.json();
    assert_eq!(elsewhere["seats"], json!([]));

    for unknown in ["5.12", "", "AAAA"] {
        let all = world.get(&since("status=ALL", unknown)).await.json();
        assert_eq!(
            (all["seats"].as_array().unwrap().len(), &all["complete"]),
            (3, &json!(true)),
            "{unknown}"
        );
    }
    world.catalog.script().seats.restart();
    until(|| async { version(&states(&world).await.json()) != second }).await;
    let all = world.get(&since("view=states", &second)).await.json();
    assert_eq!((&all["states"], &all["complete"]), (&json!("ASB"), &json!(true)));
}

#[tokio::test]
async fn a_reader_sees_what_it_has_written_or_is_told_to_come_back() {
    let world = Arc::new(world().await);
    until_states(&world, "ASA").await;
    for (seat, wanted) in [(1, "SSA"), (3, "SSS")] {
        // On its way: the next answers are from before the write.
        let written = world.catalog.script().seats.write(seat, SeatState::Sold);
        let path = format!("{SEATS}?view=states&atLeast={}", of_write(1, written));
        let answer = world.get(&path).await;
        assert_eq!(answer.json()["states"], wanted, "{answer:?}");
        let seen = version(&answer.json());
        for name in ["atLeast", "since"] {
            let again = world.get(&format!("{SEATS}?view=states&{name}={seen}")).await;
            assert_eq!(version(&again.json()), seen);
        }
    }
    // A write of another run of the store: what is read from now on has it.
    let of_another = world.get(&format!("{SEATS}?atLeast={}", of_write(9, 1))).await;
    assert_eq!(of_another.status, 200);
    // While refreshes do not come, nobody is shown less than it has seen.
    world.catalog.script().failing = Some(Status::unavailable("away"));
    let ahead = world.get(&format!("{SEATS}?atLeast={}", of_write(1, 99))).await;
    ahead.is_problem(503, "unavailable");
    world.catalog.script().failing = None;
    for wrong in ["nonsense", "AgcBAAA"] {
        world.get(&format!("{SEATS}?atLeast={wrong}")).await.names_field(400, "invalid-parameter", "atLeast");
    }
}

#[tokio::test]
async fn nothing_older_than_the_bound_is_shown() {
    let world = world().await;
    until_states(&world, "ASA").await;
    world.catalog.script().failing = Some(Status::unavailable("postgres is away"));
    let away_at = Instant::now();
    let refused = within(async {
        loop {
            let asked_at = Instant::now();
            let answer = states(&world).await;
            if answer.status != 200 {
                break answer;
            }
            let age = Duration::from_millis(answer.json()["ageMs"].as_u64().unwrap());
            let least = asked_at.duration_since(away_at);
            assert!(age <= BOUND && age >= least, "{age:?} {least:?} after the end");
        }
    })
    .await;
    refused.is_problem(503, "unavailable");
    // Too old after the bound, waited for twice as long, and as much again for a busy machine.
    assert!(away_at.elapsed() < 4 * BOUND, "{:?}", away_at.elapsed());
    world.catalog.script().failing = None;
    until_states(&world, "ASA").await;
    // A copy whose own view is old is not made younger by being asked.
    world.catalog.script().seats.age_ms = 300;
    until(|| async { states(&world).await.status == 503 }).await;
    world.catalog.script().seats.age_ms = 100;
    until_states(&world, "ASA").await;
    assert!(states(&world).await.json()["ageMs"].as_u64() >= Some(100));
}

#[tokio::test]
async fn a_copy_that_hangs_or_dies_is_not_noticed_by_readers() {
    let catalogs = [FakeCatalog::default(), FakeCatalog::default()];
    let queue = queue_without_a_room();
    let queue_peer = Peer::start(queue.routes()).await;
    let peers = [Peer::start(catalogs[0].routes()).await, Peer::start(catalogs[1].routes()).await];
    let urls = (vec![queue_peer.url()], peers.iter().map(Peer::url).collect());
    let world = World::between(queue, catalogs[0].clone(), urls, vec![queue_peer], |_| {}).await;
    within(world.process.readiness().until(true)).await;
    until_states(&world, "ASA").await;
    let [hangs, dies] = peers;
    catalogs[0].script().seats.delay = Duration::from_mins(1);
    let reads = |time: Duration| {
        let world = &world;
        async move {
            let (began, mut refused, mut all) = (Instant::now(), 0, 0);
            while began.elapsed() < time {
                let answer = states(world).await;
                refused += usize::from(answer.status != 200);
                all += 1;
            }
            (refused, all)
        }
    };
    let (refused, all) = reads(Duration::from_secs(2)).await;
    assert_eq!(refused, 0, "of {all}");
    catalogs[0].script().seats.delay = Duration::ZERO;
    reads(Duration::from_millis(500)).await;
    dies.kill().await;
    let (refused, all) = reads(Duration::from_secs(1)).await;
    assert_eq!(refused, 0, "of {all}");
    drop(hangs);
}

async fn gzipped(world: &World, path: &str) -> (Answer, Vec<u8>) {
    let request = world.request(Method::GET, path).header("accept-encoding", "br, gzip");
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    assert_eq!(headers["content-length"], bytes.len().to_string().as_str());
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    (Answer { status, headers, text }, bytes.to_vec())
}

#[tokio::test]
async fn compressed_answers_say_the_same() {
    let world = world().await;
    until_states(&world, "ASA").await;
    for path in [
        SEATS.to_owned(),
        format!("{SEATS}?view=states"),
        "/api/layouts/5".to_owned(),
        "/api/concerts/7/schedules".to_owned(),
    ] {
        let plain = world.get(&path).await;
        let (gzipped, _) = gzipped(&world, &path).await;
        assert_eq!((gzipped.status, gzipped.header("content-encoding")), (200, Some("gzip")));
        assert_eq!(plain.header("content-encoding"), None);
        for answer in [&plain, &gzipped] {
            let vary = answer.header("vary").unwrap();
            assert!(vary.contains("accept-encoding"), "{vary}");
            assert_eq!(vary.contains("authorization"), !path.contains("layouts"), "{path}: {vary}");
        }
        assert_eq!(plain.header("etag"), gzipped.header("etag"));
        let (mut plain, mut gzipped) = (plain.json(), gzipped.json());
        plain["ageMs"] = json!(0);
        gzipped["ageMs"] = json!(0);
        assert_eq!(plain, gzipped, "{path}");
    }
}

#[tokio::test]
async fn the_chart_of_a_hall_may_be_kept_for_good() {
    let world = world().await;
    let chart = world.get("/api/layouts/5").await;
    assert_eq!(chart.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let place = |id: u32| json!({"seatId": id, "position": id, "label": format!("C {id}"), "tier": "A"});
    let mut accessible = place(2);
    accessible["accessible"] = json!(true);
    assert_eq!(
        chart.json(),
        json!({
            "layoutId": 5, "name": "Harbour Hall", "totalSeats": 3,
            "rows": [{"section": "Stalls", "row": "C", "seats": [place(1), accessible]},
                     {"section": "Circle", "row": "C", "seats": [place(3)]}]
        })
    );
    let tag = chart.header("etag").unwrap();
    let again = Answer::of(world.request(Method::GET, "/api/layouts/5").header("if-none-match", tag)).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(world.catalog.calls("get_layout"), 1);
    world.get("/api/layouts/6").await.is_problem(404, "not-found");
    world.get("/api/layouts/0").await.names_field(400, "invalid-parameter", "layoutId");
}

#[tokio::test]
async fn what_cannot_be_asked_of_seats_is_named() {
    let world = world().await;
    for (query, field) in [
        ("view=chart", "view"),
        ("view=states&section=Stalls", "view"),
        ("view=states&status=ALL", "view"),
        ("status=FREE", "status"),
        ("since=a&since=b", "since"),
    ] {
        let answer = world.get(&format!("{SEATS}?{query}")).await;
        answer.names_field(400, "invalid-parameter", field);
    }
    world.get(&format!("{SEATS}?section=Moon")).await.names_field(404, "not-found", "section");
    let foreign = world.get("/api/concerts/8/schedules/71/seats").await;
    foreign.names_field(404, "not-found", "concertScheduleId");
    assert_eq!(world.catalog.calls("list_seats"), 0);
}

#[tokio::test]
async fn a_list_of_schedules_is_asked_for_once_in_half_its_bound_and_told_until_it_is_too_old() {
    let world = Arc::new(world().await);
    let path = "/api/concerts/7/schedules";
    let mut crowd = JoinSet::new();
    for query in ["", "?limit=50", "?userId=1"] {
        for _ in 0..10 {
            let world = Arc::clone(&world);
            crowd.spawn(async move { world.get(&format!("{path}{query}")).await.status });
        }
    }
    assert!(crowd.join_all().await.iter().all(|status| *status == 200));
    assert!(world.catalog.calls("list_schedules") <= 2, "{}", world.catalog.calls("list_schedules"));
    world.catalog.script().failing = Some(Status::unavailable("postgres is away"));
    let away_at = Instant::now();
    until(|| async { world.get(path).await.status == 503 }).await;
    let took = away_at.elapsed();
    assert!(took <= Duration::from_millis(1_300), "{took:?}");
    world.get(path).await.is_problem(503, "unavailable");
    world.catalog.script().failing = None;
    assert_eq!(world.get(path).await.status, 200);
}
