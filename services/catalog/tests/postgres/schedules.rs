use onsale_proto::catalog::v1::{
    ListSchedulesRequest, Schedule, catalog_service_client::CatalogServiceClient,
};
use sqlx::PgPool;
use tonic::{Code, transport::Channel};

use crate::{
    fixture::{Change, Times, change, concert, hall, schedule},
    running::Running,
};

async fn list(client: &mut CatalogServiceClient<Channel>, concert: i64) -> Vec<Schedule> {
    let request = ListSchedulesRequest { concert_id: concert.cast_unsigned(), ..Default::default() };
    client.list_schedules(request).await.unwrap().into_inner().schedules
}

fn ids(schedules: &[Schedule]) -> Vec<i64> {
    schedules.iter().map(|schedule| schedule.schedule_id.cast_signed()).collect()
}

#[sqlx::test]
async fn bookable_is_what_has_not_begun_is_on_sale_and_has_seats(pool: PgPool) {
    let (ours, other) = (concert(&pool, "ours").await, concert(&pool, "other").await);
    let layout = hall(&pool, &[("S", 2), ("T", 1)]).await;
    let late = schedule(&pool, ours, layout, Times::on_sale(9000.0)).await;
    let soon = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    schedule(&pool, other, layout, Times::on_sale(5000.0)).await;
    // Begun, not on sale yet, no longer on sale.
    schedule(&pool, ours, layout, Times { starts: -1.0, opens: -9.0, closes: 9.0 }).await;
    schedule(&pool, ours, layout, Times { starts: 5000.0, opens: 60.0, closes: 4000.0 }).await;
    schedule(&pool, ours, layout, Times { starts: 5000.0, opens: -60.0, closes: -1.0 }).await;
    let full = schedule(&pool, ours, layout, Times::on_sale(6000.0)).await;
    for (seat, as_it_is) in [(1, Change::Sell), (2, Change::Hold(600.0)), (3, Change::Block)] {
        change(&pool, full, seat, as_it_is).await;
    }
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    let found = list(&mut client, ours).await;
    assert_eq!(ids(&found), [soon, late]);
    let first = &found[0];
    assert_eq!((first.total_seats, first.available_seats), (3, 3));
    assert_eq!((first.lowest_price, first.highest_price, first.currency.as_str()), (5000, 9000, "EUR"));
    assert_eq!(first.sale_closes_at_ms, first.starts_at_ms);
    assert_eq!(first.starts_at_ms - first.sale_opens_at_ms, 8_600_000);

    // A hold that ends brings the schedule back without anything being written.
    change(&pool, full, 2, Change::Hold(-0.001)).await;
    let found = list(&mut client, ours).await;
    assert_eq!(ids(&found), [soon, full, late]);
    assert_eq!(found[1].available_seats, 1);

    let missing = client.list_schedules(ListSchedulesRequest { concert_id: 77, ..Default::default() }).await;
    assert_eq!(missing.unwrap_err().code(), Code::NotFound);
    let empty = concert(&pool, "no dates").await;
    assert_eq!(list(&mut client, empty).await, []);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn seats_are_counted_over_blocks_and_ended_holds_are_free(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 1100)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    for (seat, as_it_is) in [
        (1, Change::Sell),
        (512, Change::Hold(600.0)),
        (513, Change::Hold(-5.0)),
        (514, Change::Hold(600.0)),
        (1024, Change::Block),
        (1025, Change::Sell),
        (1100, Change::Hold(-0.5)),
    ] {
        change(&pool, id, seat, as_it_is).await;
    }
    assert_eq!(list(&mut client, ours).await[0].available_seats, 1095);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn pages_of_a_range_are_the_range(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 1)]).await;
    for _ in 0..23 {
        schedule(&pool, ours, layout, Times::on_sale(90_000.0)).await;
    }
    // Several at one instant, so that the id has to decide; and not in the order of the ids.
    sqlx::query(
        "UPDATE schedule SET starts_at = date_trunc('day', now()) + (30 - id / 3) * interval '2 days'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let all = list(&mut client, ours).await;
    assert_eq!(all.len(), 23);
    assert_eq!(all[1].starts_at_ms, all[2].starts_at_ms);
    assert!(all.is_sorted_by_key(|schedule| (schedule.starts_at_ms, schedule.schedule_id)));

    let (from, to) = (all[3].starts_at_ms, all[18].starts_at_ms);
    let expected: Vec<_> = all
        .iter()
        .filter(|schedule| schedule.starts_at_ms >= from && schedule.starts_at_ms < to)
        .map(|schedule| schedule.schedule_id)
        .collect();
    for limit in [1, 2, 3, 7, 50] {
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let request = ListSchedulesRequest {
                concert_id: ours.cast_unsigned(),
                from_ms: Some(from),
                to_ms: Some(to),
                limit,
                cursor,
            };
            let page = client.list_schedules(request).await.unwrap().into_inner();
            pages.extend(page.schedules.into_iter().map(|schedule| schedule.schedule_id));
            cursor = page.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(pages, expected, "limit {limit}");
    }

    let nothing = ListSchedulesRequest {
        concert_id: ours.cast_unsigned(),
        from_ms: Some(from),
        to_ms: Some(from),
        ..Default::default()
    };
    assert_eq!(client.list_schedules(nothing).await.unwrap().into_inner().schedules, []);
    catalog.stop().await.unwrap();
}
