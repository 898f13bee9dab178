//! The house's own data on a real database.

use std::time::Duration;

use onsale_catalog::{
    house::{self, House},
    store::postgres::{ConnectOptions, ImportOutcome, PostgresStore},
};
use onsale_proto::catalog::v1::{ListConcertsRequest, ListSchedulesRequest, ListSeatsRequest};
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    fixture::{Change, change},
    program::{run, said},
    running::{Running, database_url},
};

const THEATRE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/theatre.json");

/// What the first import of the theatre does.
const ALL: ImportOutcome = ImportOutcome {
    halls_added: 2,
    concerts_added: 2,
    concerts_changed: 0,
    schedules_added: 5,
    schedules_changed: 0,
};

/// Makes another house of one.
type Make = fn(&mut House);

fn theatre() -> House {
    house::read(&std::fs::read_to_string(THEATRE).unwrap()).unwrap()
}

fn store(pool: &PgPool) -> PostgresStore {
    PostgresStore::new(&ConnectOptions::parse(&database_url(pool), 2, Duration::from_secs(30)).unwrap())
}

/// Every row of what an import may write, and the transaction that wrote it.
async fn all_rows(pool: &PgPool) -> Vec<String> {
    let mut rows = Vec::new();
    for table in [
        "concert",
        "layout",
        "layout_section",
        "layout_seat",
        "schedule",
        "schedule_tier",
        "seat_state",
        "block_version",
    ] {
        let sql = format!("SELECT '{table} ' || t.xmin || t::text FROM {table} t ORDER BY 1");
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
        rows.extend(found);
    }
    rows
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[sqlx::test]
async fn a_second_import_changes_nothing(pool: PgPool) {
    let (house, one, other) = (theatre(), store(&pool), store(&pool));
    // A first that is only tried, and then two at once.
    assert_eq!(one.import(&house, true).await.unwrap(), ALL);
    assert_eq!(all_rows(&pool).await, Vec::<String>::new());
    let (first, second) = tokio::join!(one.import(&house, false), other.import(&house, false));
    let outcomes = [first.unwrap(), second.unwrap()];
    assert!(outcomes.contains(&ALL) && outcomes.contains(&ImportOutcome::default()), "{outcomes:?}");

    let rows = all_rows(&pool).await;
    assert_eq!(one.import(&house, false).await.unwrap(), ImportOutcome::default());
    assert_eq!(all_rows(&pool).await, rows);
    let seats: usize = house
        .concerts
        .iter()
        .flat_map(|concert| &concert.schedules)
        .map(|schedule| house.halls[schedule.hall].seats.len())
        .sum();
    let free = "SELECT sum(free_seats) FROM block_version";
    assert_eq!(
        count(&pool, "SELECT count(*) FROM seat_state WHERE status = 0").await,
        i64::try_from(seats).unwrap()
    );
    assert_eq!(count(&pool, free).await, i64::try_from(seats).unwrap());
    crate::demo::assert_blocks_agree(&pool).await;
}

#[sqlx::test]
async fn what_may_change_changes_and_sold_seats_stay_sold(pool: PgPool) {
    let (mut house, store) = (theatre(), store(&pool));
    store.import(&house, false).await.unwrap();
    let first = count(&pool, "SELECT min(id) FROM schedule").await;
    change(&pool, first, 1, Change::Sell).await;
    change(&pool, first, 2, Change::Hold(60.0)).await;
    let seats = "SELECT string_agg(s::text, ' ' ORDER BY schedule_id, seat_no) FROM seat_state s";
    let before: String = sqlx::query_scalar(seats).fetch_one(&pool).await.unwrap();

    house.concerts[0].name = "The Storm".to_owned();
    house.concerts[0].schedules[0].prices.insert("Gallery".to_owned(), 5_000);
    house.concerts[0].schedules[1].starts_at += Duration::from_hours(24);
    house.concerts[1].schedules[0].seats_per_user = None;
    let changed = ImportOutcome { concerts_changed: 1, schedules_changed: 3, ..ImportOutcome::default() };
    assert_eq!(store.import(&house, false).await.unwrap(), changed);
    assert_eq!(store.import(&house, false).await.unwrap(), ImportOutcome::default());

    let revisions: Vec<i64> =
        sqlx::query_scalar("SELECT revision FROM schedule ORDER BY id").fetch_all(&pool).await.unwrap();
    assert_eq!(revisions, [2, 2, 1, 2, 1]);
    let gallery = "SELECT price FROM schedule_tier WHERE tier = 'Gallery' ORDER BY schedule_id LIMIT 1";
    assert_eq!(count(&pool, gallery).await, 5_000);
    let after: String = sqlx::query_scalar(seats).fetch_one(&pool).await.unwrap();
    assert_eq!(before, after);
    crate::demo::assert_blocks_agree(&pool).await;
}

#[sqlx::test]
async fn what_must_not_change_is_refused_and_nothing_is_imported(pool: PgPool) {
    let (house, store) = (theatre(), store(&pool));
    store.import(&house, false).await.unwrap();
    let rows = all_rows(&pool).await;
    let changes: [(Make, &str); 4] = [
        (|house| house.halls[0].name.push('!'), "/halls/0"),
        (|house| house.halls[1].seats[3].accessible = true, "/halls/1"),
        (|house| drop(house.halls[1].seats.pop()), "/halls/1"),
        (|house| house.concerts[0].schedules[1].hall = 1, "/concerts/0/schedules/1/hall"),
    ];
    for (make, place) in changes {
        let mut other = house.clone();
        // Before what is refused there is something new.
        other.halls.push(other.halls[0].clone());
        other.halls[2].key = "new".to_owned();
        other.concerts[0].venue = "elsewhere".to_owned();
        make(&mut other);
        let refused = store.import(&other, false).await.unwrap_err().to_string();
        assert!(refused.starts_with(&format!("{place}: ")), "{refused}");
        assert_eq!(all_rows(&pool).await, rows);
    }
}

#[sqlx::test]
async fn what_was_imported_is_served(pool: PgPool) {
    let (mut house, store) = (theatre(), store(&pool));
    let schedule = &mut house.concerts[0].schedules[0];
    schedule.sale_opens_at = OffsetDateTime::UNIX_EPOCH;
    schedule.starts_at = OffsetDateTime::now_utc() + Duration::from_hours(1);
    schedule.sale_closes_at = schedule.starts_at;
    let (hall, gallery) = (&house.halls[0], schedule.prices["Gallery"]);
    store.import(&house, false).await.unwrap();

    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let concerts = client.list_concerts(ListConcertsRequest::default()).await.unwrap().into_inner().concerts;
    let names: Vec<_> = concerts.iter().map(|concert| concert.name.as_str()).collect();
    assert_eq!(names, ["New Plays: Spring Readings", "The Tempest"]);
    let concert_id = concerts[1].concert_id;
    let list = ListSchedulesRequest { concert_id, ..Default::default() };
    let schedules = client.list_schedules(list).await.unwrap().into_inner().schedules;
    let schedule_id = schedules[0].schedule_id;
    assert_eq!(schedules[0].available_seats as usize, hall.seats.len());
    let seats =
        ListSeatsRequest { concert_id, schedule_id, section: "Gallery".to_owned(), ..Default::default() };
    let seats = client.list_seats(seats).await.unwrap().into_inner().seats;
    assert_eq!(seats.len(), hall.seats.iter().filter(|seat| seat.section == "Gallery").count());
    assert!(seats.iter().all(|seat| seat.price == gallery));
    assert_eq!(seats[0].label, "Gallery A27");
    catalog.stop().await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn importing_is_a_task_that_ends(pool: PgPool) {
    let url = database_url(&pool);
    let schedules = "SELECT count(*) FROM schedule";
    for (dry_run, expected) in [(true, 0), (false, 5), (false, 5)] {
        let arguments = ["import", THEATRE, "--dry-run"];
        let output = run(&arguments[..if dry_run { 3 } else { 2 }], Some(&url)).await;
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(count(&pool, schedules).await, expected);
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("house.json");
    let wrong = std::fs::read_to_string(THEATRE).unwrap().replacen("\"CHF\"", "\"Fr.\"", 1);
    std::fs::write(&file, wrong).unwrap();
    let output = run(&["import", file.to_str().unwrap()], Some(&url)).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("/concerts/0/schedules/0/currency: must be"), "{}", said(&output));
    let output = run(&["import", "/nowhere/house.json"], Some(&url)).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("read /nowhere/house.json"), "{}", said(&output));
}
