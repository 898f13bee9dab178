use onsale_proto::catalog::v1::{GetConcertRequest, ListConcertsRequest};
use sqlx::PgPool;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Times, concert, hall, schedule},
    running::Running,
};

#[sqlx::test]
async fn a_concert_tells_its_first_and_last_date(pool: PgPool) {
    let (with, without) = (concert(&pool, "with").await, concert(&pool, "without").await);
    let layout = hall(&pool, &[("S", 1)]).await;
    schedule(&pool, with, layout, Times::on_sale(7200.0)).await;
    schedule(&pool, with, layout, Times { starts: -86_400.0, opens: -100_000.0, closes: -90_000.0 }).await;
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;

    let found = client
        .get_concert(GetConcertRequest { concert_id: with.cast_unsigned() })
        .await
        .unwrap()
        .into_inner();
    assert_eq!((found.name.as_str(), found.performer.as_str(), found.venue.as_str()), ("with", "p", "v"));
    // Two schedules made one after the other, each counted from its own now.
    let apart = found.last_at_ms - found.first_at_ms - (7_200 + 86_400) * 1000;
    assert!((-60_000..=60_000).contains(&apart), "{apart}");

    let found = client
        .get_concert(GetConcertRequest { concert_id: without.cast_unsigned() })
        .await
        .unwrap()
        .into_inner();
    assert_eq!((found.first_at_ms, found.last_at_ms), (0, 0));

    let missing = client.get_concert(GetConcertRequest { concert_id: 999 }).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert_eq!(missing.get_details_resource_info().unwrap().resource_type, "concert");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn the_pages_of_all_concerts_are_the_list_by_name_then_id(pool: PgPool) {
    let names = ["b", "a", "b", "c", "a", "Ä", "b", "zz", "m", "a"];
    let mut expected = Vec::new();
    for name in names {
        expected.push((name.to_owned(), concert(&pool, name).await.cast_unsigned()));
    }
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    let whole = client.list_concerts(ListConcertsRequest::default()).await.unwrap().into_inner();
    assert_eq!(whole.next_cursor, "");
    let whole: Vec<_> =
        whole.concerts.into_iter().map(|concert| (concert.name, concert.concert_id)).collect();
    let mut sorted = whole.clone();
    sorted.sort_by_key(|(_, id)| *id);
    expected.sort_by_key(|(_, id)| *id);
    assert_eq!(sorted, expected);

    for limit in 1..=11 {
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                client.list_concerts(ListConcertsRequest { limit, cursor }).await.unwrap().into_inner();
            assert!(page.concerts.len() <= limit as usize);
            pages.extend(page.concerts.into_iter().map(|concert| (concert.name, concert.concert_id)));
            cursor = page.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(pages, whole, "limit {limit}");
    }
    catalog.stop().await.unwrap();
}
