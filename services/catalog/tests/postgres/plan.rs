//! That statements read what they show and no more, under every plan that the server may choose.

use std::time::Duration;

use onsale_catalog::store::postgres::{BOOKABLE_SCHEDULES, PLANNER, SEAT_NEWS, SEATS, WHOLE_SEATS};
use sqlx::{AssertSqlSafe, PgPool};

use crate::{
    fixture::{Times, concert, hall, on_sale, schedule},
    running::{PATIENCE, Running, database_url},
    selling::{Seller, channel, user},
};

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

/// The plan of a statement with what it did.
async fn plan(pool: &PgPool, mode: &str, types: &str, statement: &str, values: &str) -> String {
    let mut connection = pool.acquire().await.unwrap();
    let settings = PLANNER.into_iter().chain([("plan_cache_mode", mode)]);
    let settings = settings.map(|(name, value)| format!("SET {name} = {value}"));
    for statement in settings.chain([format!("PREPARE asked ({types}) AS {statement}")]) {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
    }
    let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE asked ({values})");
    let lines: Vec<(String,)> =
        sqlx::query_as(AssertSqlSafe(explain)).persistent(false).fetch_all(&mut *connection).await.unwrap();
    sqlx::raw_sql("DEALLOCATE asked; RESET ALL").execute(&mut *connection).await.unwrap();
    lines.into_iter().map(|(line,)| line + "\n").collect()
}

/// The first line of a plan that says this; empty for none.
fn line<'a>(plan: &'a str, what: &str) -> &'a str {
    plan.lines().find(|line| line.contains(what)).unwrap_or_default()
}

#[sqlx::test]
async fn a_page_looks_at_as_many_schedules_as_it_shows(pool: PgPool) {
    many(&pool).await;
    let types = "bigint, timestamptz, timestamptz, timestamptz, bigint, bigint";
    // Also while the server knows nothing about its new tables yet.
    for statement in ["SELECT", "ANALYZE"] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            for after in ["NULL, NULL", "now() + interval '200 days', 70000"] {
                let values = format!("7, NULL, NULL, {after}, 51");
                let plan = plan(&pool, mode, types, BOOKABLE_SCHEDULES, &values).await;
                // One page and the first behind it, of the thousands that are bookable.
                let walk = line(&plan, "Index Scan using schedule_by_time on schedule s");
                assert!(walk.contains("rows=51 loops=1"), "{plan}");
                assert!(line(&plan, "on block_version").contains("loops=51"), "{plan}");
                assert_eq!(line(&plan, "Seq Scan on schedule "), "", "{plan}");
            }
        }
    }
}

#[sqlx::test]
async fn seats_are_read_once_and_not_at_all_for_a_known_version(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    hall(&pool, &[("S", 50)]).await;
    let layout = hall(&pool, &[("S", 8_000), ("T", 7_000)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    let types = "bigint, bigint, boolean, text, bigint, bigint, bigint, bigint";
    let known = "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint, 1, 30, 15000";
    for statement in ["SELECT", "ANALYZE"] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            for (version, once) in
                [("NULL, NULL, NULL, NULL", "rows=15000 loops=1"), (known, "(never executed)")]
            {
                let values = format!("{ours}, {id}, false, NULL, {version}");
                let plan = plan(&pool, mode, types, SEATS, &values).await;
                for scan in [
                    "Scan using seat_state_pkey on seat_state (",
                    "Scan using layout_seat_pkey on layout_seat (",
                ] {
                    assert!(line(&plan, scan).contains(once), "{mode} {scan}\n{plan}");
                }
            }
        }
    }
}

/// How many rows of the tables of selling were read as a whole table is, and how many rows these have.
async fn read_whole(pool: &PgPool) -> (i64, i64) {
    sqlx::query_as(
        "SELECT sum(seq_tup_read)::bigint, sum(n_tup_ins)::bigint FROM pg_stat_user_tables
         WHERE relname IN ('hold', 'sale', 'sale_seat', 'idempotency', 'seat_event')",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// An on-sale begins with empty tables that the server may know to be empty.
#[sqlx::test]
async fn selling_does_not_read_what_others_hold_and_bought(pool: PgPool) {
    const ROUNDS: u32 = 100;
    let ours = on_sale(&pool, 100).await;
    sqlx::raw_sql("ANALYZE").execute(&pool).await.unwrap();
    // One session, so that what it has planned early it keeps to.
    let catalog = Running::start_with(&database_url(&pool), &["--database-connections=1"]).await;
    let seller = Seller::new(&catalog, ours).await;
    for round in 0..ROUNDS {
        let name = format!("user {round}");
        let mut request = seller.request(user(&name), &[round % 50 + 1]);
        request.idempotency_key = "k".to_owned();
        let hold = seller.ask(request).await.unwrap().hold.unwrap();
        seller.get(&name, &hold).await.unwrap();
        seller.extend(&name, &hold).await.unwrap();
        seller.check_out(&name, &hold).await.unwrap();
        seller.list(&name).await;
        let sale = seller.confirm(&name, &hold, "o").await.unwrap().sale.unwrap();
        seller.get_sale(&name, &sale.sale_id).await.unwrap();
        seller.cancel(&name, &sale.sale_id).await.unwrap();
    }
    let other = seller.ask(seller.request(channel("box-office"), &[99])).await.unwrap().hold.unwrap();
    assert_eq!(other.seats.len(), 1);
    // A session hands in its figures at its own pace; ended, at once.
    catalog.stop().await.unwrap();
    let figures = tokio::time::timeout(PATIENCE, async {
        loop {
            let figures = read_whole(&pool).await;
            if figures.1 > 5 * i64::from(ROUNDS) {
                return figures;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let (read, written) = figures.await.expect("figures");
    assert_eq!(read, 0, "of {written} rows written");
}

/// So many schedules of 30 blocks, each block with a hundred versions and their events.
async fn with_events(pool: &PgPool, schedules: i32) {
    let ours = concert(pool, "ours").await;
    let layout = hall(pool, &[("S", 8_000), ("T", 7_000)]).await;
    for _ in 0..schedules {
        let id = schedule(pool, ours, layout, Times::on_sale(5000.0)).await;
        for statement in [
            "UPDATE block_version SET version = 100 WHERE schedule_id = $1",
            "INSERT INTO seat_event (schedule_id, block, version, seat_no, status, at, cause)
             SELECT $1, block, version, block * 512 + 1, 0, now(), 6
             FROM generate_series(0, 29) block CROSS JOIN generate_series(2, 100) version",
        ] {
            sqlx::query(statement).bind(id).execute(pool).await.unwrap();
        }
    }
}

#[sqlx::test]
async fn news_of_seats_cost_a_look_at_each_block_and_what_moved(pool: PgPool) {
    with_events(&pool, 5).await;
    let types = "bigint[], integer[], bigint[], bigint[]";
    let list =
        |of: &dyn Fn(i32) -> i32| (0..30).map(|block| of(block).to_string()).collect::<Vec<_>>().join(",");
    let known = |schedule: i32, moved: i32| {
        let (schedules, blocks) = (list(&|_| schedule), list(&|block| block));
        let versions = list(&|block| if block == 7 { moved } else { 100 });
        format!("'{{{schedules}}}', '{{{blocks}}}', '{{{versions}}}', '{{{schedule}}}'")
    };
    for statement in ["SELECT", "ANALYZE"] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let unmoved = plan(&pool, mode, types, SEAT_NEWS, &known(3, 100)).await;
            assert!(line(&unmoved, "using block_version_pkey").contains("loops=30"), "{mode}\n{unmoved}");
            assert!(
                line(&unmoved, "using seat_event_pkey").contains("(never executed)"),
                "{mode}\n{unmoved}"
            );
            let moved = plan(&pool, mode, types, SEAT_NEWS, &known(3, 97)).await;
            let events = line(&moved, "using seat_event_pkey");
            assert!(events.contains("rows=3 loops=1"), "{mode}\n{moved}");
            for table in ["block_version", "seat_event"] {
                assert_eq!(line(&moved, &format!("Seq Scan on {table}")), "", "{mode}\n{moved}");
            }
        }
    }
}

#[sqlx::test]
async fn a_schedules_seats_are_read_once_along_their_key(pool: PgPool) {
    with_events(&pool, 3).await;
    for statement in ["SELECT", "ANALYZE"] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let plan = plan(&pool, mode, "bigint", WHOLE_SEATS, "2").await;
            let scan = line(&plan, "using seat_state_pkey on seat_state");
            assert!(scan.contains("rows=15000 loops=1"), "{mode}\n{plan}");
        }
    }
}
