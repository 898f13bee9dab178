//! Views of seats as gateways are told of them.

mod bounds;
mod follower;
mod outage;

use std::time::Duration;

use onsale_proto::catalog::v1::{
    GetLayoutRequest, RefreshSeatsRequest, WatchedSchedule, seat_view_service_client::SeatViewServiceClient,
};
use onsale_seat_view::SeatState;
use sqlx::PgPool;
use tonic::{Code, transport::Channel};
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Change, Times, change, change_together, concert, hall, schedule},
    running::Running,
};
use follower::Follower;

pub(super) async fn client(catalog: &Running) -> SeatViewServiceClient<Channel> {
    SeatViewServiceClient::new(catalog.channel().await)
}

pub(super) fn watch(schedules: &[i64]) -> RefreshSeatsRequest {
    let watched = schedules.iter().map(|id| WatchedSchedule { schedule_id: id.cast_unsigned(), known: None });
    RefreshSeatsRequest { watched: watched.collect() }
}

/// A schedule with so many seats.
async fn with_seats(pool: &PgPool, seats: i32) -> i64 {
    let ours = concert(pool, "ours").await;
    let layout = hall(pool, &[("S", seats)]).await;
    schedule(pool, ours, layout, Times::on_sale(5000.0)).await
}

/// How many schedules a catalog has read as a whole.
async fn loads(catalog: &Running) -> u64 {
    let metrics = reqwest::get(format!("http://{}/metrics", catalog.ops_address)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let name = "onsale_catalog_seat_view_loads_total";
    let line = metrics.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{metrics}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[sqlx::test]
async fn the_first_telling_has_everything(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 600), ("T", 3)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    for (seat, made) in
        [(1, Change::Sell), (600, Change::Hold(60.0)), (2, Change::Hold(-1.0)), (603, Change::Block)]
    {
        change(&pool, id, seat, made).await;
    }
    let catalog = Running::start(&pool).await;
    let mut client = client(&catalog).await;
    let told = client.refresh_seats(watch(&[id, 999])).await.unwrap().into_inner().schedules;
    assert_eq!((told.len(), told[1].not_found, told[1].schedule_id), (2, true, 999));
    let Some(onsale_proto::catalog::v1::schedule_seats::News::All(all)) = &told[0].news else {
        panic!("{told:?}")
    };
    assert_eq!((all.concert_id, all.layout_id), (ours.cast_unsigned(), layout.cast_unsigned()));
    assert_eq!((all.currency.as_str(), all.price_by_tier["A"], all.price_by_tier["B"]), ("EUR", 9000, 5000));
    let special: Vec<_> = (1..).zip(&all.states).filter(|(_, state)| **state != 0).collect();
    assert_eq!(special, [(1, &2), (2, &1), (600, &1), (603, &3)]);
    // An ended hold is told as what it is: its end is for the reader to apply.
    let ends: Vec<_> = all.held_until_us.iter().map(|end| end - told[0].now_us).collect();
    assert!(ends[0] < 0 && ends[1] > 30_000_000, "{ends:?}");
    assert!(all.sale_opens_at_ms < all.sale_closes_at_ms && told[0].age_ms <= 250);
    assert_eq!(told[0].vector.as_ref().unwrap().blocks, [3, 3]);

    let told =
        client.get_layout(GetLayoutRequest { layout_id: layout.cast_unsigned() }).await.unwrap().into_inner();
    assert_eq!((told.name.as_str(), told.seats.len()), ("hall", 603));
    let last = &told.seats[602];
    assert_eq!((last.section.as_str(), last.row.as_str(), last.label.as_str()), ("T", "A", "T-2"));
    assert_eq!((last.position, last.tier.as_str(), last.accessible), (3, "B", false));
    let missing = client.get_layout(GetLayoutRequest { layout_id: 999 }).await.unwrap_err();
    assert_eq!(missing.get_details_resource_info().unwrap().resource_type, "layout");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn what_cannot_be_watched_is_refused(pool: PgPool) {
    let catalog = Running::start(&pool).await;
    let mut client = client(&catalog).await;
    let many: Vec<i64> = (1..=4_097).collect();
    for wrong in [&[0][..], &[-1], &[7, 7], &many] {
        let status = client.refresh_seats(watch(wrong)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "watched");
    }
    let nothing = client.refresh_seats(watch(&[])).await.unwrap().into_inner();
    assert_eq!(nothing.schedules, []);
    catalog.stop().await.unwrap();
}

/// A generator that is the same every time.
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
async fn changes_lead_to_what_the_store_has_over_random_histories_and_two_copies(pool: PgPool) {
    let id = with_seats(&pool, 1_030).await;
    let copies = [Running::start(&pool).await, Running::start(&pool).await];
    let (mut follower, mut dice) = (Follower::new(id), Dice(7));
    let mut clients = [client(&copies[0]).await, client(&copies[1]).await];
    let mut told_changes = 0;
    for _ in 0..60 {
        for _ in 0..dice.below(4) {
            let seats = [1, 2, 511, 512, 513, 514, 1024, 1025, 1030];
            let made = [Change::Free, Change::Hold(-1.0), Change::Hold(60.0), Change::Sell, Change::Block];
            let first = dice.one_of(&seats);
            let second = dice.one_of(&seats);
            let mut together = vec![(first, dice.one_of(&made))];
            if second != first {
                together.push((second, dice.one_of(&made)));
            }
            change_together(&pool, id, &together).await;
        }
        let there = follower::stored(&pool, id).await;
        // Now one copy, now the other, each behind by as much as it happens to be.
        for asked in 0.. {
            told_changes += usize::from(follower.follow(&mut clients[asked % 2]).await);
            if follower.seats().vector().covers(there.vector()) {
                break;
            }
        }
        assert_eq!(follower.seats().vector(), there.vector());
        assert!(follower.seats().states().eq(there.states()), "at {:?}", there.vector());
    }
    assert!(told_changes > 30, "{told_changes}");
    for copy in copies {
        assert_eq!(loads(&copy).await, 1, "the rest was told by changes");
        copy.stop().await.unwrap();
    }
}

#[sqlx::test]
async fn a_write_to_several_blocks_is_never_half_shown(pool: PgPool) {
    let id = with_seats(&pool, 1_030).await;
    let catalog = Running::start(&pool).await;
    let mut client = client(&catalog).await;
    let writing = tokio::spawn({
        let pool = pool.clone();
        async move {
            for round in 0_u32..300 {
                let made = if round % 2 == 0 { Change::Sell } else { Change::Free };
                change_together(&pool, id, &[(1, made), (513, made), (1_030, made)]).await;
            }
        }
    });
    let (mut follower, mut seen) = (Follower::new(id), 0);
    while !writing.is_finished() {
        seen += usize::from(follower.follow(&mut client).await);
        let states = [1, 513, 1_030].map(|seat| follower.seats().state(seat).unwrap());
        assert!(states.iter().all(|state| *state == states[0]), "{states:?} {:?}", follower.seats().vector());
    }
    writing.await.unwrap();
    assert!(seen >= 10, "{seen} changes are not enough to tell");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn where_events_are_no_longer_kept_everything_is_read_again(pool: PgPool) {
    let id = with_seats(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let (mut follower, mut client) = (Follower::new(id), client(&catalog).await);
    follower.follow(&mut client).await;
    assert_eq!(loads(&catalog).await, 1);
    // The events are gone before anybody can have read them.
    let mut transaction = pool.begin().await.unwrap();
    for statement in [
        "UPDATE seat_state SET status = 3 WHERE schedule_id = $1 AND seat_no = 5",
        "UPDATE block_version SET version = version + 3, free_seats = free_seats - 1 WHERE schedule_id = $1 AND block = 0",
    ] {
        sqlx::query(statement).bind(id).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let there = follower::stored(&pool, id).await;
    while !follower.seats().vector().covers(there.vector()) {
        follower.follow(&mut client).await;
    }
    assert_eq!(follower.seats().state(5), Some(SeatState::Blocked));
    assert!(follower.seats().states().eq(there.states()));
    assert_eq!(loads(&catalog).await, 2);
    // From there on changes do again.
    change(&pool, id, 5, Change::Free).await;
    while follower.seats().state(5) != Some(SeatState::Free) {
        follower.follow(&mut client).await;
    }
    assert_eq!(loads(&catalog).await, 2);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn another_price_is_another_revision_and_everything_is_told(pool: PgPool) {
    let id = with_seats(&pool, 3).await;
    let catalog = Running::start(&pool).await;
    let (mut follower, mut client) = (Follower::new(id), client(&catalog).await);
    follower.follow(&mut client).await;
    for statement in [
        "UPDATE schedule_tier SET price = 1 WHERE schedule_id = $1",
        "UPDATE schedule SET revision = revision + 1 WHERE id = $1",
    ] {
        sqlx::query(statement).bind(id).execute(&pool).await.unwrap();
    }
    while follower.seats().vector().revision == 1 {
        follower.follow(&mut client).await;
    }
    assert_eq!(follower.prices()["A"], 1);
    sqlx::query("DELETE FROM seat_state WHERE schedule_id = $1").bind(id).execute(&pool).await.unwrap();
    for statement in [
        "DELETE FROM block_version WHERE schedule_id = $1",
        "DELETE FROM schedule_tier WHERE schedule_id = $1",
        "DELETE FROM schedule WHERE id = $1",
    ] {
        sqlx::query(statement).bind(id).execute(&pool).await.unwrap();
    }
    let gone = || async {
        let told = client.clone().refresh_seats(watch(&[id])).await;
        told.is_ok_and(|told| told.into_inner().schedules[0].not_found)
    };
    tokio::time::timeout(Duration::from_secs(10), async { while !gone().await {} })
        .await
        .expect("it is gone");
    catalog.stop().await.unwrap();
}
