//! What a check finds of real rooms, well and broken.

use onsale_queue::{domain::Policy, waiting_room::check_rooms};

use crate::house::{House, open, redis_cli};

/// How many things were looked at for each invariant.
async fn checked(house: &House) -> Vec<(&'static str, usize)> {
    let findings = check_rooms(house.store()).await.unwrap();
    findings.iter().map(|finding| (finding.invariant, finding.checked)).collect()
}

/// The invariants that are found broken.
async fn broken(house: &House) -> Vec<&'static str> {
    let findings = check_rooms(house.store()).await.unwrap();
    findings.iter().filter(|finding| !finding.broken.is_empty()).map(|finding| finding.invariant).collect()
}

/// A room for two, with two in it and three who wait; and the beginning of its keys' names.
async fn crowded() -> (House, String) {
    let house = House::open(2, Policy { capacity: 2, ..open() }).await;
    let mut tokens = Vec::new();
    for user in ["ada", "bob", "cid", "dan", "eve"] {
        tokens.push(house.join(user).await.token);
    }
    for token in &tokens[..2] {
        house.until_active(token).await;
    }
    let epoch = house.snapshot().await.head.epoch;
    (house, format!("room:{{1}}:{epoch}"))
}

#[tokio::test]
async fn a_room_at_work_is_found_well() {
    let (house, _) = crowded().await;
    assert_eq!(broken(&house).await, [] as [&str; 0]);
    let checked = checked(&house).await;
    assert_eq!((checked[0], checked[2], checked[3]), (("I1", 5), ("I3", 2), ("I4", 2)));
    assert!(checked[1].1 >= 2, "{checked:?}");
}

#[tokio::test]
async fn a_number_of_two_users_is_found() {
    let (house, keys) = crowded().await;
    let buckets = redis_cli(&house.redis, &["--scan", "--pattern", &format!("{keys}:user:*")]);
    let bucket = buckets.lines().next().unwrap();
    let number = redis_cli(&house.redis, &["hvals", bucket]);
    redis_cli(&house.redis, &["hset", bucket, "another user    ", number.trim()]);
    assert_eq!(broken(&house).await, ["I1"]);
}

#[tokio::test]
async fn a_session_too_many_is_found() {
    let (house, keys) = crowded().await;
    redis_cli(&house.redis, &["zadd", &format!("{keys}:active"), "99999999999999", "3"]);
    let broken = broken(&house).await;
    // The third is over capacity, and neither claimed nor recorded.
    assert_eq!(broken, ["I3", "I4"]);
}

#[tokio::test]
async fn serving_that_ran_ahead_is_found() {
    let (house, _) = crowded().await;
    redis_cli(&house.redis, &["hset", "room:{1}:head", "serving", "6"]);
    assert_eq!(broken(&house).await, ["I2"]);
}
