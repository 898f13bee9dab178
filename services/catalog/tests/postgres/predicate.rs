//! The life cycle of a seat, and the one predicate, where they are kept.

use sqlx::PgPool;

#[sqlx::test]
async fn a_seat_is_free_iff_it_is_free_or_its_hold_has_ended(pool: PgPool) {
    let cases = [
        (0_i16, None, true),
        (1, Some(-1_i64), true),
        (1, Some(0), true),
        (1, Some(1), false),
        (2, None, false),
        (3, None, false),
    ];
    for (status, ends_in_us, expected) in cases {
        let free: Option<bool> =
            sqlx::query_scalar("SELECT seat_is_free($1, now() + $2 * interval '1 us', now())")
                .bind(status)
                .bind(ends_in_us)
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(free, Some(expected), "{status} {ends_in_us:?}");
    }
}

#[sqlx::test]
async fn the_table_refuses_what_is_outside_the_life_cycle(pool: PgPool) {
    let ours = crate::fixture::concert(&pool, "ours").await;
    let layout = crate::fixture::hall(&pool, &[("S", 1)]).await;
    let id = crate::fixture::schedule(&pool, ours, layout, crate::fixture::Times::on_sale(60.0)).await;
    for status in -1_i16..=4 {
        for (hold, until) in [(false, false), (false, true), (true, false), (true, true)] {
            let right = match status {
                0 | 3 => !hold && !until,
                1 => hold && until,
                2 => hold && !until,
                _ => false,
            };
            let updated = sqlx::query(
                "UPDATE seat_state
                 SET status = $2, hold_id = CASE WHEN $3 THEN gen_random_uuid() END,
                     held_until = CASE WHEN $4 THEN now() END
                 WHERE schedule_id = $1",
            )
            .bind(id)
            .bind(status)
            .bind(hold)
            .bind(until)
            .execute(&pool)
            .await;
            assert_eq!(updated.is_ok(), right, "{status} {hold} {until}");
        }
    }
}

#[sqlx::test]
async fn a_change_of_a_seat_stays_on_its_page(pool: PgPool) {
    let ours = crate::fixture::concert(&pool, "ours").await;
    let layout = crate::fixture::hall(&pool, &[("S", 1000)]).await;
    let id = crate::fixture::schedule(&pool, ours, layout, crate::fixture::Times::on_sale(60.0)).await;
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("UPDATE seat_state SET status = 3 WHERE schedule_id = $1 AND seat_no % 10 = 0")
        .bind(id)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let (updated, hot): (i64, i64) = sqlx::query_as(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'seat_state'",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert_eq!((updated, hot), (100, 100));
}
