//! A hold lives to its instant and not past it, by the database's clock, whoever waits for whom.

use std::time::{Duration, Instant};

use onsale_proto::catalog::v1::{Hold, HoldState, SaleAnswer};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::task::JoinHandle;
use tonic::Status;

use crate::{
    fixture::on_sale,
    limits::until_waiting,
    running::{PATIENCE, Running, database_url},
    selling::{Seller, reason, statuses},
};

/// Holds of a second, and locks that are waited for longer than that.
const SHORT: [&str; 5] = [
    "--hold-seconds=1",
    "--payment-seconds=1",
    "--lock-timeout-ms=10000",
    "--database-timeout-ms=15000",
    "--call-timeout-ms=15000",
];

/// What a confirmation may have to wait for.
const LOCKS: [&str; 3] = [
    "SELECT FROM seat_state WHERE seat_no = 1 FOR UPDATE",
    "SELECT FROM hold FOR UPDATE",
    "SELECT pg_advisory_xact_lock(hashtextextended(buyer, schedule_id)) FROM hold",
];

async fn lock(pool: &PgPool, lock: &'static str) -> Transaction<'static, Postgres> {
    let mut holder = pool.begin().await.unwrap();
    sqlx::query(lock).execute(&mut *holder).await.unwrap();
    holder
}

fn confirm(seller: &Seller, hold: &Hold) -> JoinHandle<Result<SaleAnswer, Status>> {
    let (seller, hold) = (seller.clone(), hold.clone());
    tokio::spawn(async move { seller.confirm("ada", &hold, "o").await })
}

/// Waits until a hold has ended by the database's clock.
async fn until_ended(pool: &PgPool, hold: &Hold) {
    let ended = "SELECT unix_micros(clock_timestamp()) / 1000 > $1";
    tokio::time::timeout(PATIENCE, async {
        while !sqlx::query_scalar::<_, bool>(ended).bind(hold.ends_at_ms).fetch_one(pool).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the hold ends");
}

/// A confirmation that waits for a lock until after the end, in a schedule of its own.
async fn confirm_late(
    pool: &PgPool,
    catalog: &Running,
    held_lock: &'static str,
    commit: bool,
) -> (Result<SaleAnswer, Status>, i64) {
    sqlx::query("DELETE FROM hold").execute(pool).await.unwrap();
    let ours = on_sale(pool, 2).await;
    let seller = Seller::new(catalog, ours).await;
    let hold = seller.hold("ada", &[1, 2]).await;
    let mut holder = lock(pool, held_lock).await;
    let late = confirm(&seller, &hold);
    until_waiting(pool, 1).await;
    until_ended(pool, &hold).await;
    if commit {
        sqlx::query("UPDATE seat_state SET status = status WHERE schedule_id = $1")
            .bind(ours.1)
            .execute(&mut *holder)
            .await
            .unwrap();
        holder.commit().await.unwrap();
    } else {
        holder.rollback().await.unwrap();
    }
    (late.await.unwrap(), ours.1)
}

#[sqlx::test]
async fn a_confirmation_that_waits_past_the_end_is_refused(pool: PgPool) {
    let catalog = Running::start_with(&database_url(&pool), &SHORT).await;
    for held_lock in LOCKS {
        for commit in [false, true] {
            let (outcome, schedule) = confirm_late(&pool, &catalog, held_lock, commit).await;
            assert_eq!(reason(outcome), "HOLD_ENDED", "{held_lock} {commit}");
            assert_eq!(statuses(&pool, schedule).await, [1, 1]);
        }
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_confirmation_that_waits_and_is_in_time_is_a_sale(pool: PgPool) {
    let arguments = [&SHORT[1..], &["--hold-seconds=60"]].concat();
    let catalog = Running::start_with(&database_url(&pool), &arguments).await;
    for held_lock in LOCKS {
        sqlx::query("DELETE FROM hold").execute(&pool).await.unwrap();
        let seller = Seller::new(&catalog, on_sale(&pool, 2).await).await;
        let hold = seller.hold("ada", &[1, 2]).await;
        let holder = lock(&pool, held_lock).await;
        let confirmed = confirm(&seller, &hold);
        until_waiting(&pool, 1).await;
        holder.rollback().await.unwrap();
        confirmed.await.unwrap().unwrap();
    }
    catalog.stop().await.unwrap();
}

/// Has `confirm_hold` decide by another instant.
async fn forge_confirm(pool: &PgPool, from: &str, to: &str) {
    let sql: String = sqlx::query_scalar("SELECT pg_get_functiondef('confirm_hold'::regproc)")
        .fetch_one(pool)
        .await
        .unwrap();
    let forged = sql.replace(from, to);
    assert_ne!(forged, sql);
    sqlx::raw_sql(sqlx::AssertSqlSafe(forged)).execute(pool).await.unwrap();
}

/// The controls: what the order of lock and clock is there for, and that the test above would see it missing.
#[sqlx::test]
async fn with_an_instant_from_before_the_locks_a_confirmation_comes_late(pool: PgPool) {
    let locks_then_clock = "own := lock_hold(of_hold, of_buyer);\n    t := clock_timestamp();";
    let forgeries = [
        (locks_then_clock, "own := lock_hold(of_hold, of_buyer);\n    t := now();"),
        (
            "own := lock_hold(of_hold, of_buyer);\n    t := now();",
            "t := clock_timestamp();\n    own := lock_hold(of_hold, of_buyer);",
        ),
    ];
    let catalog = Running::start_with(&database_url(&pool), &SHORT).await;
    catalog.until_ready_is(true).await;
    for (from, to) in forgeries {
        forge_confirm(&pool, from, to).await;
        for commit in [false, true] {
            let (outcome, schedule) = confirm_late(&pool, &catalog, LOCKS[0], commit).await;
            outcome.expect("sold, late");
            assert_eq!(statuses(&pool, schedule).await, [2, 2]);
        }
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn an_ended_holds_seats_are_anothers_at_once_and_not_before(pool: PgPool) {
    let ours = on_sale(&pool, 3).await;
    // Nobody notes that a hold has ended but who takes its seats: a sweep just then would leave them nothing to note.
    let arguments = [&SHORT[..], &["--upkeep=false"]].concat();
    let catalog = Running::start_with(&database_url(&pool), &arguments).await;
    let seller = Seller::new(&catalog, ours).await;
    let (mut tries, mut gaps) = (0, Vec::new());
    let mut held = seller.hold("user 0", &[1, 2]).await;
    // The foreign hold's row is another's business: nobody waits for it.
    let holder = lock(&pool, LOCKS[1]).await;
    for round in 1..4 {
        let name = format!("user {round}");
        let asked_at = Instant::now();
        let next = loop {
            assert!(asked_at.elapsed() < PATIENCE);
            tries += 1;
            match seller.try_hold(&name, &[2, 3]).await {
                Ok(answer) => break answer.hold.unwrap(),
                refused => assert_eq!(reason(refused), "SEATS_TAKEN"),
            }
        };
        assert!(next.held_at_ms >= held.ends_at_ms, "taken early");
        gaps.push(next.held_at_ms - held.ends_at_ms);
        held = next;
    }
    holder.rollback().await.unwrap();
    // One call after the other: whoever asks next after the end has it.
    assert!(tries > 30, "{tries}");
    assert!(gaps.iter().all(|gap| *gap < 500), "{gaps:?}");
    let named: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM seat_event WHERE seat_no = 2 AND cause = 1 AND ended_hold_id IS NOT NULL",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(named, 3);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn after_its_end_a_hold_can_do_nothing(pool: PgPool) {
    let ours = on_sale(&pool, 4).await;
    let catalog = Running::start_with(&database_url(&pool), &SHORT).await;
    let seller = Seller::new(&catalog, ours).await;
    let held = seller.hold("ada", &[1]).await;
    let paying = seller.hold("ada", &[2]).await;
    let paying = seller.check_out("ada", &paying).await.unwrap().hold.unwrap();
    for hold in [held, paying] {
        until_ended(&pool, &hold).await;
        assert_eq!(seller.get("ada", &hold).await.unwrap().state(), HoldState::Ended);
        assert_eq!(reason(seller.extend("ada", &hold).await), "HOLD_ENDED");
        assert_eq!(reason(seller.check_out("ada", &hold).await), "HOLD_ENDED");
        assert_eq!(reason(seller.confirm("ada", &hold, "o").await), "HOLD_ENDED");
        let released = seller.release("ada", &hold).await.unwrap();
        assert_eq!((released.written, released.hold.unwrap().state()), (None, HoldState::Ended));
    }
    assert_eq!(seller.list("ada").await, []);
    // And counts for nothing: the limit is eight.
    sqlx::query("UPDATE schedule SET seats_per_user = 1").execute(&pool).await.unwrap();
    seller.hold("ada", &[3]).await;
    catalog.stop().await.unwrap();
}

/// A confirmation makes a hold count that a count beside it, of a moment after its end, would leave out.
#[sqlx::test]
async fn a_users_confirmations_and_new_holds_take_turns_so_that_the_limit_is_exact(pool: PgPool) {
    let ours = on_sale(&pool, 20).await;
    let arguments = [&SHORT[1..], &["--hold-seconds=60"]].concat();
    let catalog = Running::start_with(&database_url(&pool), &arguments).await;
    let seller = Seller::new(&catalog, ours).await;
    let first = seller.hold("ada", &[1, 2]).await;
    let holder = lock(&pool, LOCKS[0]).await;
    let confirmed = confirm(&seller, &first);
    until_waiting(&pool, 1).await;
    let asks = seller.clone();
    let second = tokio::spawn(async move { asks.try_hold("ada", &[3]).await });
    let other = seller.hold("eve", &[4]).await;
    until_waiting(&pool, 2).await;
    holder.rollback().await.unwrap();
    confirmed.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(other.state(), HoldState::Held);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_user_who_holds_many_times_at_once_keeps_to_the_limit(pool: PgPool) {
    let ours = on_sale(&pool, 400).await;
    let url = database_url(&pool);
    let copies = [Running::start(&pool).await, Running::start_with(&url, &SHORT[2..]).await];
    for round in 0..3 {
        let mut calls = tokio::task::JoinSet::new();
        for call in 0..30_u32 {
            let seller = Seller::new(&copies[(call % 2) as usize], ours).await;
            let seat = round * 100 + call * 3 + 1;
            calls.spawn(async move {
                seller.try_hold(&format!("user {round}"), &[seat, seat + 1, seat + 2]).await
            });
        }
        let won = calls.join_all().await.into_iter().flatten().count();
        // Eight seats, by three; who waits too long for its turn at the first copy is told to come again.
        assert_eq!(won, 2);
    }
    for copy in copies {
        copy.stop().await.unwrap();
    }
}
