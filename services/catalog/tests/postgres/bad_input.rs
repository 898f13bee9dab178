//! Requests that are wrong, by name.

use onsale_proto::catalog::v1::{
    GetConcertRequest, ListConcertsRequest, ListSchedulesRequest, ListSeatsRequest,
};
use sqlx::PgPool;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Times, concert, hall, schedule},
    running::Running,
};

/// The field that a refusal names.
fn named(status: &Status) -> (Code, String) {
    let violations = status.get_details_bad_request().map(|details| details.field_violations);
    (status.code(), violations.unwrap_or_default().into_iter().map(|violation| violation.field).collect())
}

#[sqlx::test]
async fn each_wrong_field_is_refused_by_name(pool: PgPool) {
    let ours = concert(&pool, "ours").await.cast_unsigned();
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let invalid = |field: &str| (Code::InvalidArgument, field.to_owned());

    for concert_id in [0, 1 << 63, u64::MAX] {
        let refused = client.get_concert(GetConcertRequest { concert_id }).await.unwrap_err();
        assert_eq!(named(&refused), invalid("concert_id"));
    }
    for (request, field) in [
        (ListConcertsRequest { limit: 201, cursor: String::new() }, "limit"),
        (ListConcertsRequest { limit: u32::MAX, cursor: String::new() }, "limit"),
        (ListConcertsRequest { limit: 1, cursor: "x".into() }, "cursor"),
        (ListConcertsRequest { limit: 1, cursor: "A".repeat(60_000) }, "cursor"),
    ] {
        assert_eq!(named(&client.list_concerts(request).await.unwrap_err()), invalid(field));
    }
    let right = ListSchedulesRequest { concert_id: ours, ..Default::default() };
    for (request, field) in [
        (ListSchedulesRequest { concert_id: 0, ..right.clone() }, "concert_id"),
        (ListSchedulesRequest { from_ms: Some(2), to_ms: Some(1), ..right.clone() }, "from_ms"),
        (ListSchedulesRequest { from_ms: Some(i64::MIN), ..right.clone() }, "from_ms"),
        (ListSchedulesRequest { to_ms: Some(i64::MAX), ..right.clone() }, "to_ms"),
        (ListSchedulesRequest { limit: 1000, ..right.clone() }, "limit"),
        (ListSchedulesRequest { cursor: "nonsense".into(), ..right.clone() }, "cursor"),
    ] {
        assert_eq!(named(&client.list_schedules(request).await.unwrap_err()), invalid(field));
    }
    let right = ListSeatsRequest { concert_id: ours, schedule_id: 1, ..Default::default() };
    for (request, field) in [
        (ListSeatsRequest { concert_id: 0, ..right.clone() }, "concert_id"),
        (ListSeatsRequest { schedule_id: u64::MAX, ..right.clone() }, "schedule_id"),
        (ListSeatsRequest { filter: 9, ..right.clone() }, "filter"),
        (ListSeatsRequest { section: "x".repeat(65), ..right.clone() }, "section"),
        (ListSeatsRequest { section: "\0".into(), ..right }, "section"),
    ] {
        assert_eq!(named(&client.list_seats(request).await.unwrap_err()), invalid(field));
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_cursor_goes_on_with_its_own_list_only(pool: PgPool) {
    let (ours, other) = (concert(&pool, "ours").await, concert(&pool, "other").await);
    let layout = hall(&pool, &[("S", 1)]).await;
    for _ in 0..3 {
        schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    }
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let first = ListSchedulesRequest {
        concert_id: ours.cast_unsigned(),
        from_ms: Some(0),
        to_ms: Some(253_402_300_799_999),
        limit: 1,
        cursor: String::new(),
    };
    let cursor = client.list_schedules(first.clone()).await.unwrap().into_inner().next_cursor;
    let next = ListSchedulesRequest { cursor: cursor.clone(), ..first };
    for foreign in [
        ListSchedulesRequest { concert_id: other.cast_unsigned(), ..next.clone() },
        ListSchedulesRequest { from_ms: Some(1), ..next.clone() },
        ListSchedulesRequest { from_ms: None, ..next.clone() },
        ListSchedulesRequest { to_ms: None, ..next.clone() },
    ] {
        let refused = client.list_schedules(foreign).await.unwrap_err();
        assert_eq!(named(&refused), (Code::InvalidArgument, "cursor".to_owned()));
    }
    let refused = client.list_concerts(ListConcertsRequest { limit: 1, cursor }).await.unwrap_err();
    assert_eq!(named(&refused), (Code::InvalidArgument, "cursor".to_owned()));
    // Another limit is no other list.
    let rest = client.list_schedules(ListSchedulesRequest { limit: 9, ..next }).await.unwrap().into_inner();
    assert_eq!((rest.schedules.len(), rest.next_cursor.as_str()), (2, ""));
    catalog.stop().await.unwrap();
}
