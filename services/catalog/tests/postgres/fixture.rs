//! Concerts, halls and schedules made for a test; seats changed as a writer changes them.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A hall: sections of one row each with so many seats. Odd sections are of tier A, even of B.
pub(crate) async fn hall(pool: &PgPool, sections: &[(&str, i32)]) -> i64 {
    let seats: i32 = sections.iter().map(|(_, seats)| seats).sum();
    let layout: i64 =
        sqlx::query_scalar("INSERT INTO layout (name, seat_count) VALUES ('hall', $1) RETURNING id")
            .bind(seats)
            .fetch_one(pool)
            .await
            .expect("a layout");
    let mut first = 1;
    for (index, (section, seats)) in sections.iter().enumerate() {
        sqlx::query("INSERT INTO layout_section (layout_id, section) VALUES ($1, $2)")
            .bind(layout)
            .bind(section)
            .execute(pool)
            .await
            .expect("a section");
        sqlx::query(
            "INSERT INTO layout_seat
                 (layout_id, seat_no, section, row_label, row_rank, position, label, tier, accessible)
             SELECT $1, $3 + n, $2, 'A', 1, 1 + n % 30000, $2 || '-' || n, $5, false
             FROM generate_series(0, $4 - 1) n",
        )
        .bind(layout)
        .bind(section)
        .bind(first)
        .bind(seats)
        .bind(if index % 2 == 0 { "A" } else { "B" })
        .execute(pool)
        .await
        .expect("seats");
        first += seats;
    }
    layout
}

pub(crate) async fn concert(pool: &PgPool, name: &str) -> i64 {
    sqlx::query_scalar("INSERT INTO concert (name, performer, venue) VALUES ($1, 'p', 'v') RETURNING id")
        .bind(name)
        .fetch_one(pool)
        .await
        .expect("a concert")
}

/// When a schedule begins and when its sale opens and closes, in seconds from now.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) starts: f64,
    pub(crate) opens: f64,
    pub(crate) closes: f64,
}

impl Times {
    /// On sale, and begins in so many seconds.
    pub(crate) fn on_sale(starts: f64) -> Self {
        Self { starts, opens: -3600.0, closes: starts }
    }
}

/// A schedule with all its seats free. Tier A costs 9,000 and tier B 5,000.
pub(crate) async fn schedule(pool: &PgPool, concert: i64, layout: i64, times: Times) -> i64 {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO schedule (concert_id, layout_id, starts_at, sale_opens_at, sale_closes_at, currency)
         VALUES ($1, $2, now() + $3 * interval '1 s', now() + $4 * interval '1 s',
                 now() + $5 * interval '1 s', 'EUR')
         RETURNING id",
    )
    .bind(concert)
    .bind(layout)
    .bind(times.starts)
    .bind(times.opens)
    .bind(times.closes)
    .fetch_one(pool)
    .await
    .expect("a schedule");
    for statement in [
        "INSERT INTO schedule_tier (schedule_id, tier, price) VALUES ($1, 'A', 9000), ($1, 'B', 5000)",
        "INSERT INTO seat_state (schedule_id, seat_no)
         SELECT s.id, p.seat_no FROM schedule s JOIN layout_seat p USING (layout_id) WHERE s.id = $1",
        "INSERT INTO block_version (schedule_id, block, free_seats)
         SELECT schedule_id, (seat_no - 1) / 512, count(*) FROM seat_state WHERE schedule_id = $1 GROUP BY 1, 2",
    ] {
        sqlx::query(statement).bind(id).execute(pool).await.expect("seats");
    }
    id
}

/// One schedule on sale with so many seats, in sections of 1,000; the concert's and the schedule's id.
pub(crate) async fn on_sale(pool: &PgPool, seats: i32) -> (i64, i64) {
    let names: Vec<String> = (0..=(seats - 1) / 1000).map(|section| format!("S{section}")).collect();
    let of = |section: usize| (seats - 1000 * i32::try_from(section).expect("few")).min(1000);
    let sections: Vec<_> =
        names.iter().enumerate().map(|(section, name)| (name.as_str(), of(section))).collect();
    let (ours, layout) = (concert(pool, "ours").await, hall(pool, &sections).await);
    (ours, schedule(pool, ours, layout, Times::on_sale(50_000.0)).await)
}

/// What a writer can make of a seat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Free,
    /// Until so many seconds from now; less than 0 for a hold that has ended.
    Hold(f64),
    Sell,
    Block,
}

/// Changes a seat and then its block, in one transaction, as the rules of `block_version` and `seat_event` say.
pub(crate) async fn change(pool: &PgPool, schedule: i64, seat_no: i32, change: Change) {
    change_together(pool, schedule, &[(seat_no, change)]).await;
}

/// Changes seats, each once, and then their blocks by number, in one transaction.
pub(crate) async fn change_together(pool: &PgPool, schedule: i64, changes: &[(i32, Change)]) {
    let mut transaction = pool.begin().await.expect("a transaction");
    for (seat_no, change) in changes {
        change_seat(&mut transaction, schedule, *seat_no, *change).await;
    }
    let mut blocks: Vec<i32> = changes.iter().map(|(seat_no, _)| (seat_no - 1) / 512).collect();
    blocks.sort_unstable();
    blocks.dedup();
    for block in blocks {
        let seats =
            changes.iter().map(|(seat_no, _)| *seat_no).filter(|seat_no| (seat_no - 1) / 512 == block);
        change_block(&mut transaction, schedule, block, &seats.collect::<Vec<_>>()).await;
    }
    transaction.commit().await.expect("a commit");
}

async fn change_seat(transaction: &mut PgConnection, schedule: i64, seat_no: i32, change: Change) {
    let (status, hold, until) = match change {
        Change::Free => (0_i16, None, None),
        Change::Hold(seconds) => (1, Some(Uuid::now_v7()), Some(seconds)),
        Change::Sell => (2, Some(Uuid::now_v7()), None),
        Change::Block => (3, None, None),
    };
    sqlx::query(
        "UPDATE seat_state
         SET status = $3, hold_id = $4, held_until = clock_timestamp() + $5 * interval '1 s'
         WHERE schedule_id = $1 AND seat_no = $2",
    )
    .bind(schedule)
    .bind(seat_no)
    .bind(status)
    .bind(hold)
    .bind(until)
    .execute(transaction)
    .await
    .expect("a seat");
}

async fn change_block(transaction: &mut PgConnection, schedule: i64, block: i32, seats: &[i32]) {
    sqlx::query(
        "WITH block AS (
             UPDATE block_version b
             SET version = version + 1, free_seats = s.free, first_end = s.first_end
             FROM (SELECT count(*) FILTER (WHERE status = 0) AS free, min(held_until) AS first_end
                   FROM seat_state
                   WHERE schedule_id = $1 AND (seat_no - 1) / 512 = $2) s
             WHERE b.schedule_id = $1 AND b.block = $2
             RETURNING version)
         INSERT INTO seat_event
             (schedule_id, block, version, seat_no, status, hold_id, held_until, at, cause)
         SELECT $1, $2, block.version, s.seat_no, s.status, s.hold_id, s.held_until, clock_timestamp(),
                CASE s.status WHEN 0 THEN 6 WHEN 1 THEN 1 WHEN 2 THEN 4 ELSE 8 END
         FROM block CROSS JOIN seat_state s
         WHERE s.schedule_id = $1 AND s.seat_no = ANY ($3)",
    )
    .bind(schedule)
    .bind(block)
    .bind(seats)
    .execute(transaction)
    .await
    .expect("a block");
}
