//! What a version of seats promises: equal versions, equal states.

use std::{collections::HashMap, time::Duration};

use onsale_proto::catalog::v1::{ListSeatsRequest, ListSeatsResponse, SeatFilter};
use sqlx::PgPool;

use crate::{
    fixture::{Change, Times, change, concert, hall, schedule},
    running::{PATIENCE, Running},
};

fn all(concert: i64, schedule: i64, known_version: &str) -> ListSeatsRequest {
    ListSeatsRequest {
        concert_id: concert.cast_unsigned(),
        schedule_id: schedule.cast_unsigned(),
        filter: SeatFilter::All.into(),
        known_version: known_version.to_owned(),
        ..Default::default()
    }
}

fn states(list: &ListSeatsResponse) -> Vec<i32> {
    list.seats.iter().map(|seat| seat.status).collect()
}

#[sqlx::test]
async fn a_known_version_is_answered_without_seats_until_something_changes(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 600)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    let twin = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    let first = client.list_seats(all(ours, id, "")).await.unwrap().into_inner();
    let again = client.list_seats(all(ours, id, &first.version)).await.unwrap().into_inner();
    assert_eq!((again.not_modified, again.seats.len()), (true, 0));
    assert_eq!((&again.version, again.starts_at_ms), (&first.version, first.starts_at_ms));

    // Another schedule in the same state has another version, and so has one of other prices.
    let other = client.list_seats(all(ours, twin, &first.version)).await.unwrap().into_inner();
    assert!(!other.not_modified);
    for statement in [
        "UPDATE schedule SET revision = revision + 1 WHERE id = $1",
        "UPDATE block_version SET version = version + 1 WHERE schedule_id = $1 AND block = 1",
    ] {
        let before = client.list_seats(all(ours, id, "")).await.unwrap().into_inner();
        sqlx::query(statement).bind(id).execute(&pool).await.unwrap();
        let after = client.list_seats(all(ours, id, &before.version)).await.unwrap().into_inner();
        assert!(!after.not_modified && after.version != before.version, "{statement}");
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn the_end_of_a_hold_is_a_new_version_without_a_write(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 600)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    change(&pool, id, 600, Change::Hold(0.3)).await;
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    let held = client.list_seats(all(ours, id, "")).await.unwrap().into_inner();
    let free = tokio::time::timeout(PATIENCE, async {
        loop {
            let list = client.list_seats(all(ours, id, &held.version)).await.unwrap().into_inner();
            if !list.not_modified {
                return list;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let free = free.await.expect("the hold ends");
    assert_ne!(free.version, held.version);
    let (before, after) = (states(&held), states(&free));
    assert_eq!(before[..599], after[..599]);
    assert_ne!(before[599], after[599]);
    catalog.stop().await.unwrap();
}

/// A generator that is the same every time: which histories are tried does not depend on the day.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).expect("31 bits") % below
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(u32::try_from(choices.len()).expect("few")) as usize]
    }
}

#[sqlx::test]
async fn equal_versions_mean_equal_states_over_random_histories(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 1030)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let (mut seen, mut last, mut dice) = (HashMap::new(), String::new(), Dice(1));
    let mut unchanged = 0;
    for _ in 0..400 {
        if dice.below(3) == 0 {
            let seat = dice.one_of(&[1, 2, 512, 513, 1024, 1025, 1030]);
            let milliseconds = f64::from(dice.below(40));
            let made = [Change::Free, Change::Hold(milliseconds / 1000.0), Change::Hold(60.0), Change::Sell];
            change(&pool, id, seat, dice.one_of(&made)).await;
        }
        let list = client.list_seats(all(ours, id, &last)).await.unwrap().into_inner();
        if list.not_modified {
            assert_eq!(list.version, last);
            unchanged += 1;
        } else {
            let known = seen.entry(list.version.clone()).or_insert_with(|| states(&list));
            assert_eq!(*known, states(&list), "{}", list.version);
            last = list.version;
        }
    }
    // The histories are worth something only if both happened often.
    assert!(unchanged > 50 && seen.len() > 100, "{unchanged} {}", seen.len());
    catalog.stop().await.unwrap();
}
