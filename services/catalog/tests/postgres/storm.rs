//! Many buyers who want the same seats, through two copies that are programs of their own; and the same while copies
//! and the database are killed.
//!
//! The size is one that takes seconds. The full one, of more than 200,000 attempts, takes minutes of a machine that has
//! nothing else to do: 500 buyers at a time are too many for one that is busy, and it says so.
//!
//! ```text
//! ONSALE_FULL=1 cargo nextest run --release --profile full -p onsale-catalog --no-capture storm::
//! ```

use std::{
    env,
    time::{Duration, Instant},
};

use crate::storm::{
    buyer::Dice,
    crowd::{Crowd, Wish},
    findings::Findings,
    house::House,
};

mod buyer;
mod crowd;
mod findings;
mod forgery;
mod house;
mod tally;

/// One of two sizes: what a test of every day bears, and the full one.
fn size<T>(small: T, full: T) -> T {
    if env::var_os("ONSALE_FULL").is_some() { full } else { small }
}

/// A machine that tests other things as well may let a writer wait too long; one that has only this to do may not.
fn away_per_thousand() -> usize {
    size(20, 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_seats_have_one_owner_each_and_everybody_is_answered() {
    let house = House::open(10).await;
    let began_at = Instant::now();
    let attempts = size(4_000, 100_000);
    let wish = Wish { buyers: 64, most_seats: 3, attempts, keep_sales: false, dawdle: true };
    let tally = Crowd::let_in(&house, wish).until_done().await;
    let findings = Findings::of(&house, &tally).await;
    println!("64 on 10: {tally} in {:?}; {findings}", began_at.elapsed());
    findings.assert_right();
    tally.assert_answered(away_per_thousand());
    assert_eq!(findings.ever_held, 10, "somebody wins every seat");
    assert_eq!(house.deadlocks(), 0);
    house.assert_no_seat_is_stuck().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_hall_is_sold_to_a_crowd_without_a_seat_sold_twice() {
    let house = House::open(15_000).await;
    let began_at = Instant::now();
    let (buyers, attempts) = (size(100, 500), size(4_000, 110_000));
    let wish = Wish { buyers, most_seats: 4, attempts, keep_sales: true, dawdle: true };
    let tally = Crowd::let_in(&house, wish).until_done().await;
    let findings = Findings::of(&house, &tally).await;
    println!("{} on 15,000: {tally} in {:?}; {findings}", wish.buyers, began_at.elapsed());
    findings.assert_right();
    tally.assert_answered(away_per_thousand());
    assert!(findings.sold > 0 && findings.ever_held > size(1_000, 14_000), "{findings}");
    assert_eq!(house.deadlocks(), 0);
    house.assert_no_seat_is_stuck().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_that_are_killed_lose_nothing_that_was_answered() {
    let mut house = House::open(2_000).await;
    let wish = Wish { buyers: 32, most_seats: 4, attempts: 1_000, keep_sales: true, dawdle: true };
    let crowd = Crowd::let_in(&house, wish).and_keep_on();
    let mut dice = Dice::new(7);
    for _ in 0..size(3, 30) {
        crowd.until_more_attempts(100).await;
        tokio::time::sleep(size(Duration::from_millis(500), Duration::from_secs(2))).await;
        house.kill_copy(dice.below(2) as usize).await;
    }
    let tally = crowd.until_done().await;
    let findings = Findings::of(&house, &tally).await;
    println!("copies killed: {tally}; {findings}");
    findings.assert_right();
    assert!(tally.lost > 0, "no call was cut off");
    assert_eq!(house.deadlocks(), 0);
    house.assert_no_seat_is_stuck().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_killed_loses_nothing_that_was_answered() {
    let mut house = House::open(2_000).await;
    let wish = Wish { buyers: 32, most_seats: 4, attempts: 1_000, keep_sales: true, dawdle: true };
    let crowd = Crowd::let_in(&house, wish).and_keep_on();
    for _ in 0..size(2, 5) {
        crowd.until_more_attempts(300).await;
        house.kill_postgres().await;
    }
    crowd.until_more_attempts(300).await;
    let tally = crowd.until_done().await;
    let findings = Findings::of(&house, &tally).await;
    println!("postgres killed: {tally}; {findings}");
    findings.assert_right();
    assert!(tally.away > 0, "no call was told that the store is away");
    assert_eq!(house.deadlocks(), 0);
    house.assert_no_seat_is_stuck().await;
}

/// A short storm on few seats after something was forged.
async fn forged(statements: &[String]) -> (House, Findings) {
    let house = House::open(10).await;
    for statement in statements {
        house.forge(statement).await;
    }
    let wish = Wish { buyers: 12, most_seats: 5, attempts: 2_000, keep_sales: false, dawdle: false };
    let tally = Crowd::let_in(&house, wish).until_done().await;
    let findings = Findings::of(&house, &tally).await;
    (house, findings)
}

/// The controls: what each safeguard is there for, and that a storm would see it missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_and_index_seats_are_sold_twice() {
    let (house, findings) = forged(&[forgery::slow(), forgery::no_locks(), forgery::no_index()]).await;
    assert!(!findings.breaches.is_empty(), "{findings}");
    assert!(house.sold_twice_ever().await > 0, "{findings}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_the_index_alone_still_sells_each_seat_once() {
    let (house, findings) = forged(&[forgery::slow(), forgery::no_locks()]).await;
    assert!(!findings.breaches.is_empty(), "{findings}");
    assert_eq!(house.sold_twice_ever().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_order_of_locks_there_are_deadlocks() {
    let (house, findings) = forged(&[forgery::no_order()]).await;
    findings.assert_right();
    assert!(house.deadlocks() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slowness_alone_breaks_nothing() {
    let (house, findings) = forged(&[forgery::slow(), forgery::slow_locks()]).await;
    findings.assert_right();
    assert_eq!((house.sold_twice_ever().await, house.deadlocks()), (0, 0));
}
