//! Many at once, on three copies; and the same with the guard taken out.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use onsale_queue::{
    domain::Policy,
    store::redis::{ModeChange, ScriptSources},
    waiting_room::{RoomError, Standing},
};
use onsale_token::Mode;
use tokio::task::JoinSet;

use crate::house::{House, ROOM, is_active, open, request, until, without};

const COPIES: usize = 3;

/// 500 clients, 30 slots: every client polls until everybody was called and the slots are taken.
/// Returns the most sessions that were ever seen, and how many there are at the end.
async fn crowd_at_thirty_slots(sources: ScriptSources) -> (u64, u64) {
    let policy = Policy { mode: Mode::Paused, capacity: 30, ..open() };
    let house = Arc::new(House::with_scripts(COPIES, policy.clone(), sources).await);
    let requests = (0..500).map(|user| request(&format!("user {user}"))).collect();
    let joined = house.rooms().join(requests).await;
    let tokens: Vec<_> = joined.into_iter().map(|joined| joined.unwrap().unwrap().token).collect();
    // Everybody is called at once: only the claim stands between them and the slots.
    house.put(&Policy { mode: Mode::Open, capacity: 1_000, ..policy.clone() }).await;
    house.until_snapshot("all to be called", |snapshot| snapshot.head.serving == 500).await;
    house.put(&Policy { mode: Mode::Open, ..policy }).await;
    let watched = watch_sessions(&house);
    let mut polls = JoinSet::new();
    for (which, token) in tokens.into_iter().enumerate() {
        let house = Arc::clone(&house);
        polls.spawn(async move {
            let mut active = false;
            for round in 0..3 {
                active |= is_active(&house.any(which + round).status(&token).await.unwrap());
            }
            active
        });
    }
    let admitted = polls.join_all().await.into_iter().filter(|active| *active).count();
    let most = watched.stop().await;
    let at_the_end = house.snapshot().await.active;
    assert_eq!(admitted as u64, at_the_end, "who was told to be in is in");
    (most, at_the_end)
}

/// Looks at the sessions as fast as Redis answers.
struct Watch {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<u64>,
}

fn watch_sessions(house: &Arc<House>) -> Watch {
    let stop = Arc::new(AtomicBool::new(false));
    let (house, stopped) = (Arc::clone(house), Arc::clone(&stop));
    let task = tokio::spawn(async move {
        let mut most = 0;
        while !stopped.load(Ordering::Relaxed) {
            most = most.max(house.snapshot().await.active);
        }
        most
    });
    Watch { stop, task }
}

impl Watch {
    async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_at_thirty_slots_are_thirty_and_never_one_more() {
    assert_eq!(crowd_at_thirty_slots(ScriptSources::default()).await, (30, 30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_capacity_guard_they_are_more() {
    let sources = ScriptSources::default();
    let claim = without(&sources.claim, "admits and slots > before", "admits");
    let (most, _) = crowd_at_thirty_slots(ScriptSources { claim, ..sources }).await;
    assert!(most > 30, "{most}");
}

/// 12,000 joins by 10,000 users over three copies at once; each number with the users who were given it.
async fn twelve_thousand_joins(sources: ScriptSources) -> HashMap<u64, HashSet<String>> {
    let policy = Policy { mode: Mode::Prequeue, ..open() };
    let house = Arc::new(House::with_scripts(COPIES, policy, sources).await);
    let mut joins = JoinSet::new();
    for index in 0..120_usize {
        let house = Arc::clone(&house);
        joins.spawn(async move {
            let users: Vec<_> =
                (0..100).map(|user| format!("user {}", (index * 100 + user) % 10_000)).collect();
            let requests = users.iter().map(|user| request(user)).collect();
            let joined = house.any(index).join(requests).await;
            let numbers = joined.into_iter().map(|joined| joined.unwrap().unwrap().place.number);
            users.into_iter().zip(numbers.collect::<Vec<_>>()).collect::<Vec<_>>()
        });
    }
    let mut users_by_number: HashMap<u64, HashSet<String>> = HashMap::new();
    for (user, number) in joins.join_all().await.into_iter().flatten() {
        users_by_number.entry(number).or_default().insert(user);
    }
    users_by_number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joins_at_once_give_ten_thousand_users_one_number_each_and_no_two_the_same() {
    let users_by_number = twelve_thousand_joins(ScriptSources::default()).await;
    assert!(users_by_number.values().all(|users| users.len() == 1));
    let mut numbers: Vec<_> = users_by_number.into_keys().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10_000).collect::<Vec<_>>(), "as many numbers as users, without a gap");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_record_a_user_gets_a_number_for_every_tab() {
    let sources = ScriptSources::default();
    let join = without(&sources.join, "if recorded and live(recorded) then", "if false then");
    let users_by_number = twelve_thousand_joins(ScriptSources { join, ..sources }).await;
    assert_eq!(users_by_number.len(), 12_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_counters_write_two_users_get_one_number() {
    let sources = ScriptSources::default();
    let join = without(&sources.join, "if seq > before.seq then", "if false then");
    let users_by_number = twelve_thousand_joins(ScriptSources { join, ..sources }).await;
    assert!(users_by_number.values().any(|users| users.len() > 1));
}

/// In which order 60 visitors, who all poll all the time, are admitted to 5 slots that go round.
async fn order_of_admission(sources: ScriptSources) -> Vec<u64> {
    let policy = Policy { mode: Mode::Prequeue, capacity: 5, ..open() };
    let house = Arc::new(House::with_scripts(COPIES, policy.clone(), sources).await);
    let requests = (0..60).map(|user| request(&format!("user {user}"))).collect();
    let joined = house.rooms().join(requests).await;
    house.put(&Policy { mode: Mode::Open, ..policy }).await;
    let admitted = Arc::new(std::sync::Mutex::new(Vec::new()));
    let visits = joined.into_iter().enumerate().map(|(which, joined)| {
        let (house, admitted) = (Arc::clone(&house), Arc::clone(&admitted));
        let joined = joined.unwrap().unwrap();
        tokio::spawn(async move {
            let rooms = house.any(which);
            loop {
                if let Standing::Active(Some(session)) = rooms.status(&joined.token).await.unwrap().standing {
                    admitted.lock().unwrap().push((session.started_at_ms, joined.place.number));
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            rooms.leave(&joined.token).await.unwrap();
        })
    });
    for visit in join_all(visits).await {
        visit.unwrap();
    }
    let mut admitted = admitted.lock().unwrap().clone();
    admitted.sort_unstable();
    admitted.into_iter().map(|(_, number)| number).collect()
}

/// By how many places the worst placed visitor was passed.
fn worst_passing(order: &[u64]) -> u64 {
    (1_u64..).zip(order).map(|(place, number)| number.abs_diff(place)).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_called_in_order() {
    let order = order_of_admission(ScriptSources::default()).await;
    assert_eq!(order.len(), 60);
    // Who is called together may come in any order: here that is at most as many as there are slots, and no-shows' worth.
    assert!(worst_passing(&order) <= 8, "{order:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_tests_of_serving_and_of_the_ready_the_quickest_are_first() {
    let sources = ScriptSources::default();
    let claim = without(&sources.claim, "if number > serving then", "if false then");
    let read = without(
        &sources.read,
        "for _, value in ipairs(head) do",
        "head[15] = head[14]\nfor _, value in ipairs(head) do",
    );
    let claim = without(&claim, "admits and slots > before", "admits and slots > 0");
    let order = order_of_admission(ScriptSources { claim, read, ..sources }).await;
    assert!(worst_passing(&order) > 8, "{order:?}");
}

/// Visitors come, claim and go on three copies, while an operator changes the room all the time.
async fn restless_operator(sources: ScriptSources) {
    let policy = Policy { capacity: 20, ..open() };
    let house = Arc::new(House::with_scripts(COPIES, policy.clone(), sources).await);
    let stop = Arc::new(AtomicBool::new(false));
    let served = Arc::new(AtomicU64::new(0));
    let mut visitors = JoinSet::new();
    for index in 0..40_usize {
        visitors.spawn(visit_again_and_again(
            Arc::clone(&house),
            index,
            Arc::clone(&stop),
            Arc::clone(&served),
        ));
    }
    let watched = tokio::spawn(watch_head(Arc::clone(&house), Arc::clone(&stop)));
    for round in 0..12_u32 {
        let rooms = house.any(round as usize);
        match round % 4 {
            0 => drop(rooms.set_mode(ROOM, ModeChange::Pause).await.unwrap()),
            1 => drop(rooms.set_mode(ROOM, ModeChange::Resume).await.unwrap()),
            2 => drop(
                rooms.put_room(ROOM, &Policy { capacity: 10 + round, ..policy.clone() }, None).await.unwrap(),
            ),
            _ => drop(rooms.reset(ROOM).await.unwrap()),
        }
        let before = served.load(Ordering::Relaxed);
        if round % 4 != 0 {
            until("visitors to be served", || async { served.load(Ordering::Relaxed) > before + 20 }).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    visitors.join_all().await;
    if let Err(error) = watched.await {
        std::panic::resume_unwind(error.into_panic());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_changes_amid_joins_ticks_and_claims_break_no_invariant() {
    restless_operator(ScriptSources::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "serving")]
async fn without_a_serving_that_starts_anew_a_reset_lets_it_run_ahead() {
    let sources = ScriptSources::default();
    let reset = without(&sources.reset, "'serving', 0, ", "");
    restless_operator(ScriptSources { reset, ..sources }).await;
}

/// Joins, polls until admitted, checks that the session is one's own and stays the same, leaves.
async fn visit_again_and_again(
    house: Arc<House>,
    index: usize,
    stop: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
) {
    let user = format!("visitor {index}");
    let mut turn = index;
    while !stop.load(Ordering::Relaxed) {
        turn += 1;
        let Ok(Ok(joined)) = house.any(turn).join(vec![request(&user)]).await.remove(0) else { continue };
        while !stop.load(Ordering::Relaxed) {
            turn += 1;
            match house.any(turn).status(&joined.token).await {
                Ok(place) if is_active(&place) => {
                    let again = house.any(turn + 1).status(&joined.token).await;
                    // Another copy may lag behind, or a reset may come; what it may not be is another session.
                    if let Ok(again) = again
                        && is_active(&again)
                    {
                        assert_eq!(again.standing, place.standing);
                    }
                    served.fetch_add(1, Ordering::Relaxed);
                    drop(house.any(turn).leave(&joined.token).await);
                    break;
                }
                Ok(place) if place.standing == Standing::Expired => break,
                Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(RoomError::EndedEpoch) => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// I2 and I3, as often as Redis answers.
async fn watch_head(house: Arc<House>, stop: Arc<AtomicBool>) {
    let (mut before, mut most_allowed) = (house.snapshot().await, 0);
    while !stop.load(Ordering::Relaxed) {
        let now = house.snapshot().await;
        let head = &now.head;
        assert!(
            head.gone <= head.floor && head.floor <= head.serving && head.serving <= head.seq,
            "{head:?}"
        );
        if head.epoch == before.head.epoch {
            assert!(head.serving >= before.head.serving && head.floor >= before.head.floor);
            most_allowed = u64::from(head.policy.capacity).max(before.active);
        } else {
            most_allowed = most_allowed.max(u64::from(head.policy.capacity));
        }
        assert!(now.active <= most_allowed, "{} sessions of {most_allowed}", now.active);
        before = now;
    }
}
