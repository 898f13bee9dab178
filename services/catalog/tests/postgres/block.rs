//! Seats that the house keeps back.

use onsale_proto::catalog::v1::{HouseSeatsRequest, HouseSeatsResponse};
use sqlx::PgPool;
use tonic::{Code, Status};

use crate::{
    fixture::{Change, change, on_sale},
    running::Running,
    selling::{Seller, blocks, figure, missing, reason, statuses},
};

fn request(seller: &Seller, seats: &[u32]) -> HouseSeatsRequest {
    HouseSeatsRequest {
        concert_id: seller.concert.cast_unsigned(),
        schedule_id: seller.schedule.cast_unsigned(),
        seat_nos: seats.to_vec(),
    }
}

async fn block(seller: &Seller, seats: &[u32]) -> Result<HouseSeatsResponse, Status> {
    seller.client.clone().block(request(seller, seats)).await.map(tonic::Response::into_inner)
}

async fn unblock(seller: &Seller, seats: &[u32]) -> Result<HouseSeatsResponse, Status> {
    seller.client.clone().unblock(request(seller, seats)).await.map(tonic::Response::into_inner)
}

#[sqlx::test]
async fn what_the_house_keeps_back_nobody_buys(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    change(&pool, ours.1, 2, Change::Hold(-1.0)).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;

    // A seat whose hold has ended is free, and the event says what ended.
    let blocked = block(&seller, &[600, 1, 2]).await.unwrap();
    assert_eq!((blocked.changed, blocked.written.unwrap().blocks.len()), (3, 2));
    let events: Vec<(i32, i16, i16, bool)> = sqlx::query_as(
        "SELECT seat_no, status, cause, ended_hold_id IS NOT NULL FROM seat_event WHERE cause = 8 ORDER BY seat_no",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(events, [(1, 3, 8, false), (2, 3, 8, true), (600, 3, 8, false)]);
    assert_eq!(reason(seller.try_hold("ada", &[1]).await), "SEATS_TAKEN");

    // Again, it is done already.
    let again = block(&seller, &[1, 600]).await.unwrap();
    assert_eq!((again.changed, again.written), (0, None));
    let freed = unblock(&seller, &[1, 3]).await.unwrap();
    assert_eq!((freed.changed, freed.written.unwrap().blocks.len()), (1, 1));
    assert_eq!(unblock(&seller, &[1]).await.unwrap().changed, 0);
    let hold = seller.hold("ada", &[1]).await;

    // All of them or none.
    let status = block(&seller, &[1, 5, 600]).await.unwrap_err();
    assert_eq!(figure(&status, "seats"), "1");
    assert_eq!(reason::<()>(Err(status)), "SEATS_TAKEN");
    assert_eq!(statuses(&pool, ours.1).await[..6], [1, 3, 0, 0, 0, 0]);
    seller.release("ada", &hold).await.unwrap();
    assert_eq!(block(&seller, &[1, 5]).await.unwrap().changed, 2);
    let free: Vec<i32> = blocks(&pool, ours.1).await.into_iter().map(|(_, free)| free).collect();
    assert_eq!(free, [509, 87]);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn seats_that_are_none_are_refused(pool: PgPool) {
    let ours = on_sale(&pool, 4).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let many: Vec<u32> = (1..=1001).collect();
    for wrong in [&[][..], &[1, 1], &many, &[0], &[u32::MAX], &[5]] {
        for outcome in [block(&seller, wrong).await, unblock(&seller, wrong).await] {
            assert_eq!(outcome.unwrap_err().code(), Code::InvalidArgument, "{wrong:?}");
        }
    }
    for elsewhere in [Seller { schedule: 99, ..seller.clone() }, Seller { concert: 99, ..seller.clone() }] {
        assert_eq!(missing(block(&elsewhere, &[1]).await), "schedule");
        assert_eq!(missing(unblock(&elsewhere, &[1]).await), "schedule");
    }
    assert_eq!(statuses(&pool, ours.1).await, [0; 4]);
    catalog.stop().await.unwrap();
}
