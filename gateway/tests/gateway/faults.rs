//! Copies that die, hang, or come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;
use tonic::Status;
use tonic_health::ServingStatus;

use crate::{
    fake_catalog::FakeCatalog,
    fake_queue::{FakeQueue, active, waiting},
    peer::Peer,
    world::{World, token, until, within},
};

/// A gateway over two copies of the queue and two of the catalog, and the copies. The copies of a service do not
/// share what they count.
struct Pair {
    world: Arc<World>,
    queues: [FakeQueue; 2],
    catalogs: [FakeCatalog; 2],
    queue_peers: Vec<Peer>,
    catalog_peers: Vec<Peer>,
}

impl Pair {
    async fn start() -> Self {
        let queues = [FakeQueue::open(), FakeQueue::open()];
        let catalogs = [FakeCatalog::default(), FakeCatalog::default()];
        let queue_peers = vec![Peer::start(queues[0].routes()).await, Peer::start(queues[1].routes()).await];
        let catalog_peers =
            vec![Peer::start(catalogs[0].routes()).await, Peer::start(catalogs[1].routes()).await];
        let urls =
            (queue_peers.iter().map(Peer::url).collect(), catalog_peers.iter().map(Peer::url).collect());
        let (queue, catalog) = (queues[0].clone(), catalogs[0].clone());
        let world = World::between(queue, catalog, urls, Vec::new(), |_| {}).await;
        within(world.process.readiness().until(true)).await;
        Self { world: Arc::new(world), queues, catalogs, queue_peers, catalog_peers }
    }
}

/// Names what is not ready.
fn missing(world: &World) -> Vec<&'static str> {
    world.process.readiness().missing().into_iter().map(|missing| missing.condition).collect()
}

#[tokio::test]
async fn calls_are_spread_over_the_copies() {
    let pair = Pair::start().await;
    for _ in 0..60 {
        assert_eq!(pair.world.get("/api/concerts").await.status, 200);
    }
    let calls: Vec<_> = pair.catalogs.iter().map(|catalog| catalog.calls("list_concerts")).collect();
    assert_eq!(calls.iter().sum::<usize>(), 60);
    assert!(calls.iter().all(|calls| *calls >= 5), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_dies_is_not_noticed_by_visitors() {
    let mut pair = Pair::start().await;
    for queue in &pair.queues {
        queue.script().place = Some(active(90, Duration::from_mins(3)));
    }
    let (answered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let visitors: Vec<_> = (0..8)
        .map(|visitor| {
            let (world, answered, enough) =
                (Arc::clone(&pair.world), Arc::clone(&answered), Arc::clone(&enough));
            tokio::spawn(async move {
                let mut answers = Vec::new();
                while !enough.load(Ordering::Relaxed) {
                    answers.push(world.get("/api/concerts").await.status);
                    answers.push(world.join(&json!({ "userId": visitor + 1 })).await.status);
                    answers.push(world.status(&token(50 + visitor)).await.status);
                    answered.fetch_add(3, Ordering::Relaxed);
                }
                answers
            })
        })
        .collect();
    until(|| async { answered.load(Ordering::Relaxed) >= 100 }).await;
    pair.catalog_peers.remove(0).kill().await;
    pair.queue_peers.remove(0).kill().await;
    let before = answered.load(Ordering::Relaxed);
    until(|| async { answered.load(Ordering::Relaxed) >= before + 200 }).await;
    enough.store(true, Ordering::Relaxed);
    for visitor in visitors {
        let answers = visitor.await.unwrap();
        assert!(answers.iter().all(|status| matches!(status, 200 | 201)), "{answers:?}");
    }
    assert_eq!(missing(&pair.world), [] as [&str; 0], "one copy is enough");
    until(|| async { pair.queues[1].calls("sync") > 10 }).await;
}

#[tokio::test]
async fn a_copy_that_hangs_costs_one_call_at_most_its_share_of_the_deadline() {
    let pair = Pair::start().await;
    // Its health check answers, its calls do not.
    pair.queues[0].script().delay = Duration::from_mins(1);
    pair.queues[1].script().place = Some(waiting(90, 0));
    let began = Instant::now();
    for number in 80..90 {
        assert_eq!(pair.world.status(&token(number)).await.status, 200);
    }
    // The call deadline is two seconds; half of it is the first attempt's.
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(pair.world.status(&token(150)).await.json()["status"], "WAITING");
}

#[tokio::test]
async fn a_copy_that_is_frozen_is_found_out_without_visitors() {
    // The system still accepts connections for a program that has been stopped; nothing ever answers them.
    let frozen = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let frozen_url = format!("http://{}", frozen.local_addr().unwrap()).parse().unwrap();
    let catalog = FakeCatalog::default();
    let queue = FakeQueue::open();
    let peers = vec![Peer::start(queue.routes()).await, Peer::start(catalog.routes()).await];
    let urls = (vec![peers[0].url()], vec![frozen_url, peers[1].url()]);
    let world = World::between(queue, catalog, urls, peers, |_| {}).await;
    within(world.process.readiness().until(true)).await;
    until(|| async {
        let began = Instant::now();
        for _ in 0..20 {
            assert_eq!(world.get("/api/concerts").await.status, 200);
        }
        // One call that waits for the frozen copy takes longer by itself.
        began.elapsed() < Duration::from_millis(900)
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_says_it_does_not_serve_is_left_alone() {
    let pair = Pair::start().await;
    pair.catalog_peers[0].health.set_service_status("", ServingStatus::NotServing).await;
    until(|| async {
        let before = pair.catalogs[0].calls("list_concerts");
        for _ in 0..20 {
            assert_eq!(pair.world.get("/api/concerts").await.status, 200);
        }
        pair.catalogs[0].calls("list_concerts") == before
    })
    .await;
}

#[tokio::test]
async fn a_copy_whose_store_is_away_is_made_up_for_by_another() {
    let pair = Pair::start().await;
    pair.catalogs[0].script().failing = Some(Status::unavailable("postgres is away"));
    for _ in 0..30 {
        assert_eq!(pair.world.get("/api/concerts").await.status, 200);
    }
}

#[tokio::test]
async fn what_may_not_be_repeated_is_not() {
    let pair = Pair::start().await;
    for queue in &pair.queues {
        queue.script().failing = Some(Status::unavailable("redis is away"));
    }
    let answer = pair.world.admin(Method::POST, "/api/admin/rooms/1/reset", None).await;
    answer.is_problem(503, "unavailable");
    assert_eq!(pair.queues[0].calls("reset_room") + pair.queues[1].calls("reset_room"), 1);
    pair.world.join(&json!({"userId": 1})).await.is_problem(503, "unavailable");
    assert_eq!(pair.queues[0].calls("join") + pair.queues[1].calls("join"), 2, "a join may be");
}

#[tokio::test]
async fn readiness_names_what_is_away_and_it_comes_back() {
    let (queue, catalog) = (FakeQueue::open(), FakeCatalog::default());
    let queue_peer = Peer::start(queue.routes()).await;
    let catalog_peer = Peer::start(catalog.routes()).await;
    let urls = (vec![queue_peer.url()], vec![catalog_peer.url()]);
    let world = World::between(queue, catalog.clone(), urls, vec![queue_peer], |_| {}).await;
    within(world.process.readiness().until(true)).await;
    let address = catalog_peer.address;
    catalog_peer.kill().await;
    let began = Instant::now();
    world.get("/api/concerts").await.is_problem(503, "unavailable");
    assert!(began.elapsed() < Duration::from_millis(2_500), "within the deadline: {:?}", began.elapsed());
    within(world.process.readiness().until(false)).await;
    assert_eq!(missing(&world), ["catalog"]);
    let reason = world.process.readiness().missing()[0].reason.clone();
    assert!(reason.contains(&address.port().to_string()), "{reason}");
    let _back = Peer::start_at(address, catalog.routes()).await;
    let began = Instant::now();
    until(|| async { world.get("/api/concerts").await.status == 200 }).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    within(world.process.readiness().until(true)).await;
}

#[tokio::test]
async fn copies_are_called_over_tls_where_their_addresses_say_so() {
    let (queue, catalog) = (FakeQueue::open(), FakeCatalog::default());
    let peers = [Peer::start_with_tls(queue.routes()).await, Peer::start_with_tls(catalog.routes()).await];
    let url = |peer: &Peer| vec![format!("https://{}", peer.address).parse().unwrap()];
    let urls = || (url(&peers[0]), url(&peers[1]));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/certificates");
    let trusting = World::between(queue.clone(), catalog.clone(), urls(), Vec::new(), |config| {
        config.upstream_ca = Some(folder.join("ca.pem"));
    })
    .await;
    within(trusting.process.readiness().until(true)).await;
    assert_eq!(trusting.get("/api/concerts").await.status, 200);
    let distrusting = World::between(queue, catalog, urls(), Vec::new(), |config| {
        config.upstream_ca = Some(folder.join("other-ca.pem"));
    })
    .await;
    distrusting.get("/api/concerts").await.is_problem(503, "unavailable");
}

#[tokio::test]
async fn a_gateway_without_a_queue_says_so_from_the_start() {
    let catalog = FakeCatalog::default();
    let catalog_peer = Peer::start(catalog.routes()).await;
    let urls = (vec!["http://127.0.0.1:1".parse().unwrap()], vec![catalog_peer.url()]);
    let world = World::between(FakeQueue::default(), catalog, urls, vec![catalog_peer], |_| {}).await;
    until(|| async { missing(&world) == ["queue", "rooms"] }).await;
    world.status(&token(150)).await.is_problem(503, "unavailable");
    world.join(&json!({"userId": 1})).await.is_problem(503, "unavailable");
    let seats = world.get("/api/concerts/7/schedules/71/seats").await;
    seats.is_problem(503, "unavailable");
    assert_eq!(world.get("/api/concerts").await.status, 200, "what needs no room goes on");
}

#[tokio::test]
async fn what_is_in_flight_is_answered_before_a_gateway_stops() {
    let world = Arc::new(World::start().await);
    world.queue.script().delay = Duration::from_millis(400);
    let asked = tokio::spawn({
        let world = Arc::clone(&world);
        async move { world.join(&json!({"userId": 1})).await.status }
    });
    until(|| async { world.queue.calls("join") == 1 }).await;
    world.process.shutdown().begin();
    assert_eq!(asked.await.unwrap(), 201);
    let refused = world.request(Method::GET, "/api/concerts").send().await;
    assert!(refused.is_err(), "no new connection: {refused:?}");
}
