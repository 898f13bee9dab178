//! That the list of schedules walks its index, at 100,000 schedules and under every plan that the
//! server may choose.

use onsale_catalog::store::postgres::{BOOKABLE_SCHEDULES, PLANNER};
use sqlx::{AssertSqlSafe, PgPool};

/// 100,000 schedules of 20 concerts, over the past and the coming year, with two seats each.
async fn many(pool: &PgPool) {
    for statement in [
        "INSERT INTO concert (id, name, performer, venue) SELECT n, 'c', 'p', 'v' FROM generate_series(1, 20) n",
        "INSERT INTO layout (id, name, seat_count) VALUES (1, 'hall', 2)",
        "INSERT INTO schedule (id, concert_id, layout_id, starts_at, sale_opens_at, sale_closes_at, currency)
         SELECT n, 1 + n % 20, 1, t, t - interval '2 years', t, 'EUR'
         FROM (SELECT n, now() + ((n - 50000) * interval '10 minutes') AS t FROM generate_series(1, 100000) n) s",
        "INSERT INTO schedule_tier (schedule_id, tier, price) SELECT id, 'A', 100 FROM schedule",
        "INSERT INTO block_version (schedule_id, block, free_seats) SELECT id, 0, 2 FROM schedule",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
}

/// The plan with what it did, for a page of a concert in the middle of the year.
async fn plan(pool: &PgPool, mode: &str, after: &str) -> String {
    let mut connection = pool.acquire().await.unwrap();
    let types = "bigint, timestamptz, timestamptz, timestamptz, bigint, bigint";
    let settings = PLANNER.into_iter().chain([("plan_cache_mode", mode)]);
    let settings = settings.map(|(name, value)| format!("SET {name} = {value}"));
    for statement in settings.chain([format!("PREPARE page ({types}) AS {BOOKABLE_SCHEDULES}")]) {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
    }
    let explain = format!(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE page (7, NULL, NULL, {after}, 51)"
    );
    let lines: Vec<(String,)> =
        sqlx::query_as(AssertSqlSafe(explain)).persistent(false).fetch_all(&mut *connection).await.unwrap();
    sqlx::raw_sql("DEALLOCATE page; RESET ALL").execute(&mut *connection).await.unwrap();
    lines.into_iter().map(|(line,)| line + "\n").collect()
}

#[sqlx::test]
async fn a_page_looks_at_as_many_schedules_as_it_shows(pool: PgPool) {
    many(&pool).await;
    // Also while the server knows nothing about its new tables yet.
    for statement in ["SELECT", "ANALYZE"] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            for after in ["NULL, NULL", "now() + interval '200 days', 70000"] {
                assert_frugal(&plan(&pool, mode, after).await);
            }
        }
    }
}

fn assert_frugal(plan: &str) {
    let line = |what: &str| plan.lines().find(|line| line.contains(what)).unwrap_or_default();
    // One page and the first behind it, of the thousands that are bookable.
    assert!(line("Index Scan using schedule_by_time on schedule s").contains("rows=51 loops=1"), "{plan}");
    assert!(line("on block_version").contains("loops=51"), "{plan}");
    assert_eq!(line("Seq Scan on schedule "), "", "{plan}");
}
