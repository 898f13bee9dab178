//! What `onsale-catalog events` prints.

use serde_json::Value;
use sqlx::PgPool;

use crate::{
    fixture::on_sale,
    program::{run, said},
    running::{Running, database_url},
    selling::Seller,
};

async fn printed(pool: &PgPool, schedule: i64) -> Vec<Value> {
    let output = run(&["events", "--schedule", &schedule.to_string()], Some(&database_url(pool))).await;
    assert!(output.status.success(), "{}", said(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[sqlx::test]
async fn each_change_of_each_seat_is_a_line(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[513, 2]).await;
    let sale = seller.confirm("ada", &hold, "order-1").await.unwrap().sale.unwrap();
    seller.cancel("ada", &sale.sale_id).await.unwrap();

    let lines = printed(&pool, ours.1).await;
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let text = |field| line[field].as_str().unwrap_or_default();
            (
                line["seatId"].as_u64().unwrap(),
                text("cause"),
                text("status"),
                line["version"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "HELD", "HELD", 2),
            (2, "SOLD", "SOLD", 3),
            (2, "CANCELLED", "FREE", 4),
            (513, "HELD", "HELD", 2),
            (513, "SOLD", "SOLD", 3),
            (513, "CANCELLED", "FREE", 4),
        ]
    );
    let (held, freed) = (&lines[0], &lines[2]);
    assert_eq!(
        (held["holdId"].as_str(), held["label"].as_str()),
        (Some(hold.hold_id.as_str()), Some("S0-1"))
    );
    assert!(held["heldUntil"].as_str() > held["at"].as_str());
    assert!(freed.get("holdId").is_none() && freed.get("heldUntil").is_none());
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_long_night_is_printed_to_its_end(pool: PgPool) {
    let (_, schedule) = on_sale(&pool, 1200).await;
    let other = on_sale(&pool, 1).await.1;
    // Three pages and a bit, over blocks and versions of several seats.
    sqlx::query(
        "INSERT INTO seat_event (schedule_id, version, at, block, seat_no, status, cause)
         SELECT $1, 2 + n / 6, now(), n % 3, (n % 3) * 512 + 1 + n % 2, 3, 8 FROM generate_series(0, 6599) n",
    )
    .bind(schedule)
    .execute(&pool)
    .await
    .unwrap();
    let lines = printed(&pool, schedule).await;
    assert_eq!(lines.len(), 6_600);
    let places: Vec<_> = lines
        .iter()
        .map(|line| ["block", "version", "seatId"].map(|field| line[field].as_u64().unwrap()))
        .collect();
    assert!(places.is_sorted_by(|one, next| one < next));
    assert_eq!(printed(&pool, other).await, Vec::<Value>::new());

    let output = run(&["events", "--schedule", "999"], Some(&database_url(&pool))).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("no schedule 999"), "{}", said(&output));
}
