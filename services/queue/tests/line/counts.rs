//! What is counted of a room, by two copies on one Redis: their sums are what happened, once.

use std::time::Duration;

use futures::future::join_all;
use onsale_queue::{domain::Policy, store::redis::ScriptSources};
use onsale_stack::{Redis, RedisOptions};
use onsale_telemetry::{Telemetry, TelemetryConfig};
use onsale_token::Mode;

use crate::house::{House, is_active, open, request, until, without};

/// A room that two copies look after, and what each of them measures.
struct Measured {
    house: House,
    copies: [Telemetry; 2],
}

impl Measured {
    async fn open(policy: Policy, sources: ScriptSources) -> Self {
        let config = TelemetryConfig { log: "warn".to_owned(), ..TelemetryConfig::default() };
        let copies = [(); 2].map(|()| Telemetry::init(&config, "onsale-queue").unwrap());
        let instruments = copies.each_ref().map(|copy| copy.instruments().clone());
        let redis = Redis::start(RedisOptions::default()).await.unwrap();
        let house = House::measured_by(&instruments, redis, policy, sources).await;
        Self { house, copies }
    }

    /// The sum over both copies of what `onsale_queue_<series>` counts.
    fn sum(&self, series: &str) -> u64 {
        self.copies.iter().filter_map(|copy| value(copy, series)).sum()
    }

    /// The same of a counter of the room.
    fn total(&self, name: &str) -> u64 {
        self.sum(&format!("{name}_total{{room=\"1\"}}"))
    }

    fn joins(&self, outcome: &str) -> u64 {
        self.sum(&format!("joins_total{{outcome=\"{outcome}\",room=\"1\"}}"))
    }

    async fn until_total(&self, name: &'static str, wanted: u64) {
        until(name, || async { self.total(name) >= wanted }).await;
        assert_eq!(self.total(name), wanted, "{name}");
    }

    /// Polls one copy after the other until the visitor was let in, and asks once more: that is no second claim.
    async fn until_in(&self, token: &str) {
        for turn in 0.. {
            let rooms = self.house.any(turn);
            if is_active(&rooms.status(token).await.unwrap()) {
                assert!(is_active(&rooms.status(token).await.unwrap()));
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn visit(&self, which: usize, token: &str) {
        self.until_in(token).await;
        // Leaving twice ends one session.
        self.house.any(which).leave(token).await.unwrap();
        self.house.any(which + 1).leave(token).await.unwrap();
    }
}

fn value(copy: &Telemetry, series: &str) -> Option<u64> {
    let text = copy.render_metrics().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("onsale_queue_{series} ")));
    line.map(|value| value.parse().unwrap())
}

fn tick_age(copy: &Telemetry) -> f64 {
    let text = copy.render_metrics().unwrap();
    let age = text.lines().find_map(|line| line.strip_prefix("onsale_queue_tick_age_seconds{room=\"1\"} "));
    age.unwrap().parse().unwrap()
}

/// Ten join over both copies, at three slots. One leaves the line, one does not come when called and comes back later,
/// and all others come, stay for a moment and go.
async fn night_of_ten(sources: ScriptSources) -> Measured {
    let claim_window = Duration::from_secs(3);
    let policy = Policy { mode: Mode::Prequeue, capacity: 3, claim_window, ..open() };
    let night = Measured::open(policy.clone(), sources).await;
    let mut tokens = Vec::new();
    for user in 0..10 {
        let joined = night.house.any(user).join(vec![request(&format!("user {user}"))]).await.remove(0);
        tokens.push(joined.unwrap().unwrap().token);
    }
    let again = night.house.any(1).join(vec![request("user 0")]).await.remove(0).unwrap().unwrap();
    assert_eq!(again.place.number, 1);
    let leaves = tokens.remove(5);
    for copy in 0..2 {
        night.house.any(copy).leave(&leaves).await.unwrap();
    }
    let sleepy = tokens.remove(1);
    night.house.put(&Policy { mode: Mode::Open, ..policy }).await;
    join_all(tokens.iter().enumerate().map(|(which, token)| night.visit(which, token))).await;
    night.house.until_snapshot("the claim window to pass", |snapshot| snapshot.head.floor >= 2).await;
    night.until_total("no_shows", 1).await;
    night.visit(0, &sleepy).await;
    night.house.until_snapshot("the ends to be noticed", |snapshot| snapshot.head.ended == 0).await;
    night
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_copies_count_together_what_happened_once() {
    let night = night_of_ten(ScriptSources::default()).await;
    night.until_total("sessions_ended", 9).await;
    let joins = ["new", "again", "line_full", "failed"].map(|outcome| night.joins(outcome));
    assert_eq!(joins, [10, 1, 0, 0]);
    let counts = ["released", "claimed", "no_shows", "late", "left", "order_inversions", "losses"];
    assert_eq!(counts.map(|name| night.total(name)), [9, 9, 1, 1, 1, 0, 0]);
    let measured = ["claim_delay_seconds_count", "wait_seconds_count"].map(|series| night.sum(series));
    assert_eq!(measured, [9, 9]);
    let soon = night.sum("claim_delay_seconds_bucket{le=\"2.5\"}");
    assert!(soon < 9, "one came more than a claim window after the call");
    for copy in &night.copies {
        let gauges = ["waiting", "last_number", "capacity", "active"];
        let gauges = gauges.map(|name| value(copy, &format!("{name}{{room=\"1\"}}")));
        assert_eq!(gauges, [0, 10, 3, 0].map(Some));
        assert_eq!(value(copy, "mode{mode=\"open\",room=\"1\"}"), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_telling_a_grant_from_its_repetition_there_are_more_claims_than_visitors() {
    let sources = ScriptSources::default();
    let guard = "      return 'active', number, session.id";
    let claim = without(&sources.claim, guard, "      return 'granted', number, session.id");
    let night = night_of_ten(ScriptSources { claim, ..sources }).await;
    assert!(night.total("claimed") > 9);
}

/// Two are called to one slot, and the second polls first.
async fn passed_by(sources: ScriptSources) -> u64 {
    let policy = Policy { mode: Mode::Prequeue, capacity: 2, ..open() };
    let night = Measured::open(policy.clone(), sources).await;
    let mut tokens = Vec::new();
    for user in 0..3 {
        let joined = night.house.any(user).join(vec![request(&format!("user {user}"))]).await.remove(0);
        tokens.push(joined.unwrap().unwrap().token);
    }
    let of = |mode, capacity| Policy { mode, capacity, ..policy.clone() };
    night.house.put(&of(Mode::Open, 100)).await;
    night.house.until_snapshot("all to be called", |snapshot| snapshot.head.serving == 3).await;
    night.house.put(&of(Mode::Open, 0)).await;
    assert!(!is_active(&night.house.any(0).status(&tokens[0]).await.unwrap()));
    night.house.put(&of(Mode::Open, 1)).await;
    for token in tokens.iter().rev() {
        night.house.any(1).status(token).await.unwrap();
    }
    night.total("order_inversions")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_passed_by_and_without_the_rule_it_is_seen() {
    assert_eq!(passed_by(ScriptSources::default()).await, 0);
    let sources = ScriptSources::default();
    let claim = without(&sources.claim, "admits and slots > before", "admits and slots > 0");
    assert_eq!(passed_by(ScriptSources { claim, ..sources }).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_is_counted_once_by_whichever_copy_made_it_good() {
    let mut night = Measured::open(open(), ScriptSources::default()).await;
    let before = night.total("losses");
    until("ticks", || async { night.copies.iter().all(|copy| tick_age(copy) < 1.0) }).await;
    night.house.redis.kill9().unwrap();
    // Nobody ticks: what is read of the room while Redis is away says so.
    until("the last tick to be long ago", || async { night.copies.iter().all(|copy| tick_age(copy) > 1.0) })
        .await;
    night.house.redis.restart().await.unwrap();
    let joins = || async { night.house.rooms().join(vec![request("ada")]).await[0].is_ok() };
    until("joins to be taken again", joins).await;
    assert_eq!(night.total("losses") - before, 1);
}
