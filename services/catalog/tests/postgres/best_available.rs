//! Seats that the house picks.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use onsale_proto::catalog::v1::{BestAvailable, Buyer, HoldAnswer, HoldRequest, hold_request::Seats};
use sqlx::PgPool;
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Change, Times, change, concert, schedule},
    running::Running,
    selling::{Seller, channel, figure, missing, reason, statuses, user},
};

/// Rows of `Stalls` (tier A) and then one of `Circle` (tier B) with so many seats each; the last two of it are accessible.
async fn rows(pool: &PgPool, rows: i32, seats: i32) -> (i64, i64) {
    let layout: i64 =
        sqlx::query_scalar("INSERT INTO layout (name, seat_count) VALUES ('rows', $1) RETURNING id")
            .bind((rows + 1) * seats)
            .fetch_one(pool)
            .await
            .unwrap();
    sqlx::query("INSERT INTO layout_section (layout_id, section) VALUES ($1, 'Stalls'), ($1, 'Circle')")
        .bind(layout)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO layout_seat
             (layout_id, seat_no, section, row_label, row_rank, position, label, tier, accessible)
         SELECT $1, r * $3 + n, section, r, r + 1, n, section || r || '-' || n,
                CASE section WHEN 'Stalls' THEN 'A' ELSE 'B' END, section = 'Circle' AND n > $3 - 2
         FROM generate_series(0, $2) r
         CROSS JOIN generate_series(1, $3) n
         CROSS JOIN LATERAL (SELECT CASE WHEN r < $2 THEN 'Stalls' ELSE 'Circle' END AS section) s",
    )
    .bind(layout)
    .bind(rows)
    .bind(seats)
    .execute(pool)
    .await
    .unwrap();
    let ours = concert(pool, "ours").await;
    (ours, schedule(pool, ours, layout, Times::on_sale(5000.0)).await)
}

fn best(seller: &Seller, buyer: Buyer, best: BestAvailable) -> HoldRequest {
    HoldRequest { seats: Some(Seats::BestAvailable(best)), ..seller.request(buyer, &[]) }
}

fn count(count: u32) -> BestAvailable {
    BestAvailable { count, ..Default::default() }
}

fn numbers(answer: HoldAnswer) -> Vec<u32> {
    answer.hold.unwrap().seats.into_iter().map(|seat| seat.seat_no).collect()
}

#[sqlx::test]
async fn seats_are_picked_as_asked(pool: PgPool) {
    let ours = rows(&pool, 3, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let ask = |wish| seller.ask(best(&seller, channel("box-office"), wish));

    let answer = ask(count(2)).await.unwrap();
    assert_eq!(answer.written.clone().unwrap().blocks.len(), 1);
    let pair = numbers(answer);
    // In whichever row the lot falls on, and on none of the accessible ones.
    assert!(pair[1] == pair[0] + 1 && !pair[0].is_multiple_of(10) && pair[1] <= 38, "{pair:?}");
    let of_tier = numbers(ask(BestAvailable { tier: "B".into(), ..count(3) }).await.unwrap());
    assert!(of_tier.iter().all(|seat| (31..=38).contains(seat)), "{of_tier:?}");
    let in_section = numbers(ask(BestAvailable { section: "Circle".into(), ..count(1) }).await.unwrap());
    assert!((31..=38).contains(&in_section[0]));
    let accessible = numbers(ask(BestAvailable { accessible: true, ..count(2) }).await.unwrap());
    assert_eq!(accessible, [39, 40]);
    // Four of the Circle are left for those who do not ask for accessible ones; and a row takes ten at most.
    let refused = ask(BestAvailable { section: "Circle".into(), ..count(5) }).await;
    assert_eq!(reason(refused), "NOT_ENOUGH_SEATS");
    let split = numbers(ask(count(12)).await.unwrap());
    let rows: HashSet<u32> = split.iter().map(|seat| (seat - 1) / 10).collect();
    assert_eq!((split.len(), rows.len()), (12, 2), "{split:?}");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn what_cannot_be_picked_is_refused(pool: PgPool) {
    let ours = rows(&pool, 2, 10).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let ask = |wish| seller.ask(best(&seller, user("ada"), wish));

    for (wish, field) in [
        (count(0), "best_available.count"),
        (count(101), "best_available.count"),
        (BestAvailable { tier: "x".repeat(33), ..count(1) }, "best_available.tier"),
        (BestAvailable { section: "x".repeat(65), ..count(1) }, "section"),
    ] {
        let status = ask(wish).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, field);
    }
    assert_eq!(missing(ask(BestAvailable { section: "Box".into(), ..count(1) }).await), "section");
    assert_eq!(reason(ask(BestAvailable { tier: "Z".into(), ..count(1) }).await), "NOT_ENOUGH_SEATS");
    assert_eq!(reason(ask(BestAvailable { accessible: true, ..count(3) }).await), "NOT_ENOUGH_SEATS");
    let status = ask(count(9)).await.unwrap_err();
    assert_eq!(figure(&status, "limit"), "8");
    assert_eq!(reason::<()>(Err(status)), "LIMIT_REACHED");
    let elsewhere = Seller { schedule: 99, ..seller.clone() };
    assert_eq!(missing(elsewhere.ask(best(&elsewhere, user("ada"), count(1))).await), "schedule");
    assert!(statuses(&pool, ours.1).await.iter().all(|status| *status == 0));

    // A sale that is over is what is said, whether there are seats or not.
    sqlx::query("UPDATE schedule SET sale_closes_at = now() - interval '1 s'").execute(&pool).await.unwrap();
    assert_eq!(reason(ask(count(1)).await), "SALE_OVER");
    assert_eq!(reason(ask(count(50)).await), "SALE_OVER");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_key_gives_the_same_seats_also_when_none_are_left(pool: PgPool) {
    let ours = rows(&pool, 1, 2).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let keyed = |wish| HoldRequest { idempotency_key: "k".to_owned(), ..best(&seller, user("ada"), wish) };
    let first = seller.ask(keyed(count(2))).await.unwrap();
    assert_eq!(reason(seller.ask(best(&seller, user("eve"), count(1))).await), "NOT_ENOUGH_SEATS");
    assert_eq!(seller.ask(keyed(count(2))).await.unwrap(), first);
    let kept = HoldRequest { kept_answer_only: true, ..keyed(count(2)) };
    assert_eq!(seller.ask(kept).await.unwrap(), first);
    assert_eq!(reason(seller.ask(keyed(count(1))).await), "KEY_REUSED");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn seats_in_somebodys_hands_are_passed_by(pool: PgPool) {
    let ours = rows(&pool, 1, 6).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let ask = || seller.ask(best(&seller, user("ada"), count(2)));
    // Somebody names seats, and is not done yet.
    let mut other = pool.begin().await.unwrap();
    let lock = "SELECT FROM seat_state WHERE schedule_id = $1 AND seat_no <= $2 ORDER BY seat_no FOR UPDATE";
    sqlx::query(lock).bind(ours.1).bind(4).execute(&mut *other).await.unwrap();
    let seats = numbers(ask().await.unwrap());
    assert!(seats.iter().all(|seat| *seat > 4), "{seats:?}");
    // Nothing but such seats are left: they may come back, so the buyer is not told that there are none.
    for seat in 5..=10 {
        change(&pool, ours.1, seat, Change::Sell).await;
    }
    let status = ask().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(status.get_details_retry_info().is_some());
    other.rollback().await.unwrap();
    ask().await.unwrap();
    catalog.stop().await.unwrap();
}

/// Buys pairs until there are none, however often told to try again; tells what it has.
async fn buy_pairs(seller: Seller, name: String, again: Arc<AtomicUsize>) -> Vec<Vec<u32>> {
    let mut pairs = Vec::new();
    loop {
        match seller.ask(best(&seller, channel(&name), count(2))).await {
            Ok(answer) => pairs.push(numbers(answer)),
            Err(status) if status.code() == Code::Unavailable => {
                let pause = status.get_details_retry_info().and_then(|retry| retry.retry_delay);
                again.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(pause.expect("when to try again")).await;
            }
            Err(status) => {
                assert_eq!(reason(Err::<(), Status>(status)), "NOT_ENOUGH_SEATS");
                return pairs;
            }
        }
    }
}

#[sqlx::test]
async fn a_herd_of_pairs_sells_out_the_hall(pool: PgPool) {
    let (in_rows, in_row) = (24, 20);
    let ours = rows(&pool, in_rows, in_row).await;
    let catalogs = [Running::start(&pool).await, Running::start(&pool).await];
    let again = Arc::new(AtomicUsize::new(0));
    let mut herd = JoinSet::new();
    for nth in 0..64 {
        let seller = Seller::new(&catalogs[nth % 2], ours).await;
        herd.spawn(buy_pairs(seller, format!("channel {nth}"), Arc::clone(&again)));
    }
    let pairs: Vec<Vec<u32>> = herd.join_all().await.into_iter().flatten().collect();

    // Everybody sits together, nobody twice, and nobody in an accessible seat; no seat is left over.
    let all = u32::try_from((in_rows + 1) * in_row).unwrap();
    for pair in &pairs {
        assert!(pair[1] == pair[0] + 1 && pair[0] % 20 != 0, "{pair:?}");
    }
    let seats: HashSet<u32> = pairs.iter().flatten().copied().collect();
    assert_eq!(seats, (1..=all - 2).collect::<HashSet<u32>>());
    assert_eq!(pairs.len() * 2, seats.len());
    assert_eq!(statuses(&pool, ours.1).await.iter().filter(|status| **status == 0).count(), 2);
    // It does not come of trying again and again.
    let again = again.load(Ordering::Relaxed);
    assert!(again * 10 <= pairs.len(), "{again} of {} were told to try again", pairs.len());
    let deadlocks: i64 =
        sqlx::query_scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(deadlocks, 0);
    crate::demo::assert_blocks_agree(&pool).await;
    for catalog in catalogs {
        catalog.stop().await.unwrap();
    }
}
