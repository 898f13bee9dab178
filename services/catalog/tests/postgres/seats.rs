use onsale_proto::catalog::v1::{ListSeatsRequest, SeatFilter, SeatStatus};
use sqlx::PgPool;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Change, Times, change, concert, hall, schedule},
    running::Running,
};

fn all(concert: i64, schedule: i64) -> ListSeatsRequest {
    ListSeatsRequest {
        concert_id: concert.cast_unsigned(),
        schedule_id: schedule.cast_unsigned(),
        filter: SeatFilter::All.into(),
        ..Default::default()
    }
}

#[sqlx::test]
async fn seats_are_those_of_the_concert_and_the_schedule(pool: PgPool) {
    let (ours, other) = (concert(&pool, "ours").await, concert(&pool, "other").await);
    let layout = hall(&pool, &[("S", 2), ("T", 3)]).await;
    // The ids of concerts and schedules do not coincide.
    let of_other = schedule(&pool, other, layout, Times::on_sale(5000.0)).await;
    let of_ours = schedule(&pool, ours, layout, Times::on_sale(6000.0)).await;
    change(&pool, of_other, 1, Change::Sell).await;
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    let list = client.list_seats(all(ours, of_ours)).await.unwrap().into_inner();
    assert_eq!((list.concert_id, list.schedule_id), (ours.cast_unsigned(), of_ours.cast_unsigned()));
    assert_eq!((list.total_seats, list.currency.as_str(), list.not_modified), (5, "EUR", false));
    assert!(list.seats.iter().all(|seat| seat.status() == SeatStatus::Available));
    let numbers: Vec<_> = list.seats.iter().map(|seat| seat.seat_no).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let third = &list.seats[2];
    assert_eq!((third.section.as_str(), third.row.as_str(), third.label.as_str()), ("T", "A", "T-0"));
    assert_eq!((third.tier.as_str(), third.price), ("B", 5000));
    assert_eq!(list.seats[0].price, 9000);

    for (concert, schedule) in [(ours, of_other), (other, of_ours), (ours, 99), (99, of_ours)] {
        let missing = client.list_seats(all(concert, schedule)).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound, "{concert} {schedule}");
        assert_eq!(missing.get_details_resource_info().unwrap().resource_type, "schedule");
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_list_is_filtered_by_state_and_by_section(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 3), ("T", 3)]).await;
    let id = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    for (seat, as_it_is) in
        [(1, Change::Sell), (2, Change::Hold(600.0)), (3, Change::Hold(-0.001)), (4, Change::Block)]
    {
        change(&pool, id, seat, as_it_is).await;
    }
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    let list = client.list_seats(all(ours, id)).await.unwrap().into_inner();
    let statuses: Vec<_> = list.seats.iter().map(onsale_proto::catalog::v1::Seat::status).collect();
    let (free, held) = (SeatStatus::Available, SeatStatus::Held);
    assert_eq!(statuses, [SeatStatus::Sold, held, free, SeatStatus::Blocked, free, free]);

    for filter in [SeatFilter::Available, SeatFilter::Unspecified] {
        let request = ListSeatsRequest { filter: filter.into(), ..all(ours, id) };
        let list = client.list_seats(request).await.unwrap().into_inner();
        assert_eq!(list.seats.iter().map(|seat| seat.seat_no).collect::<Vec<_>>(), [3, 5, 6]);
        assert_eq!(list.total_seats, 6);
    }

    let in_section = |section: &str, filter: SeatFilter| ListSeatsRequest {
        section: section.to_owned(),
        filter: filter.into(),
        ..all(ours, id)
    };
    let list = client.list_seats(in_section("T", SeatFilter::All)).await.unwrap().into_inner();
    assert_eq!(list.seats.iter().map(|seat| seat.seat_no).collect::<Vec<_>>(), [4, 5, 6]);
    let list = client.list_seats(in_section("S", SeatFilter::Available)).await.unwrap().into_inner();
    assert_eq!(list.seats.iter().map(|seat| seat.seat_no).collect::<Vec<_>>(), [3]);

    let missing = client.list_seats(in_section("U", SeatFilter::All)).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert_eq!(missing.get_details_resource_info().unwrap().resource_type, "section");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_layout_without_a_price_or_a_state_is_an_internal_error(pool: PgPool) {
    let ours = concert(&pool, "ours").await;
    let layout = hall(&pool, &[("S", 3), ("T", 3)]).await;
    let unpriced = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    let unstated = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    sqlx::query("DELETE FROM schedule_tier WHERE schedule_id = $1 AND tier = 'B'")
        .bind(unpriced)
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("DELETE FROM seat_state WHERE schedule_id = $1 AND seat_no = 4")
        .bind(unstated)
        .execute(&pool)
        .await
        .unwrap();
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    for id in [unpriced, unstated] {
        let status = client.list_seats(all(ours, id)).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    }
    catalog.stop().await.unwrap();
}
