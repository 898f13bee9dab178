//! Paying, confirming, cancelling.

use onsale_proto::catalog::v1::{BlockVersion, HoldState};
use sqlx::PgPool;
use tonic_types::StatusExt as _;

use crate::{
    fixture::on_sale,
    running::{Running, database_url},
    selling::{Seller, blocks, reason, statuses},
};

#[sqlx::test]
async fn payment_moves_the_end_once_to_its_deadline_also_past_the_cap(pool: PgPool) {
    let ours = on_sale(&pool, 2).await;
    let times = ["--hold-seconds=100", "--hold-cap-seconds=120", "--payment-seconds=500"];
    let catalog = Running::start_with(&database_url(&pool), &times).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1]).await;
    let paying = seller.check_out("ada", &hold).await.unwrap();
    assert_eq!(paying.written.unwrap().blocks, [BlockVersion { block: 0, version: 3 }]);
    let paying = paying.hold.unwrap();
    assert_eq!((paying.state(), paying.ends_at_ms - paying.now_ms), (HoldState::Paying, 500_000));

    let again = seller.check_out("ada", &hold).await.unwrap();
    assert_eq!((again.written, again.hold.unwrap().ends_at_ms), (None, paying.ends_at_ms));
    assert_eq!(reason(seller.extend("ada", &hold).await), "PAYMENT_BEGUN");
    assert_eq!(seller.list("ada").await.len(), 1);
    // Whoever has begun to pay may still think better of it.
    assert_eq!(seller.release("ada", &hold).await.unwrap().hold.unwrap().state(), HoldState::Released);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_payment_shorter_than_what_is_left_takes_nothing_away(pool: PgPool) {
    let ours = on_sale(&pool, 1).await;
    let catalog = Running::start_with(&database_url(&pool), &["--payment-seconds=5"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1]).await;
    let paying = seller.check_out("ada", &hold).await.unwrap().hold.unwrap();
    assert_eq!((paying.state(), paying.ends_at_ms), (HoldState::Paying, hold.ends_at_ms));
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_confirmed_hold_is_one_sale_however_often_it_is_confirmed(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    for check_out in [false, true] {
        let seats = if check_out { [2, 599] } else { [1, 600] };
        let hold = seller.hold("ada", &seats).await;
        if check_out {
            seller.check_out("ada", &hold).await.unwrap();
        }
        let first = seller.confirm("ada", &hold, "order 1").await.unwrap();
        assert_eq!(first.written.unwrap().blocks.len(), 2);
        let sale = first.sale.unwrap();
        assert_eq!((sale.seats.as_slice(), sale.amount), (hold.seats.as_slice(), hold.amount));
        assert_eq!((sale.hold_id.as_str(), sale.order_ref.as_str()), (hold.hold_id.as_str(), "order 1"));
        assert_eq!((sale.schedule_id, sale.cancelled_at_ms), (ours.1.cast_unsigned(), 0));

        let again = seller.confirm("ada", &hold, "order 1").await.unwrap();
        assert_eq!((again.sale.as_ref(), again.written), (Some(&sale), None));
        assert_eq!(reason(seller.confirm("ada", &hold, "order 2").await), "ANOTHER_ORDER");
        assert_eq!(reason(seller.release("ada", &hold).await), "HOLD_SOLD");
        assert_eq!(reason(seller.extend("ada", &hold).await), "HOLD_SOLD");
        assert_eq!(reason(seller.check_out("ada", &hold).await), "HOLD_SOLD");
        let sold = seller.get("ada", &hold).await.unwrap();
        assert_eq!((sold.state(), &sold.sale_id), (HoldState::Sold, &sale.sale_id));
        assert_eq!(seller.get_sale("ada", &sale.sale_id).await.unwrap().sale, Some(sale));
    }
    let taken = seller.try_hold("eve", &[600]).await;
    assert_eq!(reason(taken), "SEATS_TAKEN");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_cancelled_sale_gives_its_seats_back_once(pool: PgPool) {
    let ours = on_sale(&pool, 3).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1, 2]).await;
    let sale = seller.confirm("ada", &hold, "o").await.unwrap().sale.unwrap();
    assert_eq!(statuses(&pool, ours.1).await, [2, 2, 0]);
    let cancelled = seller.cancel("ada", &sale.sale_id).await.unwrap();
    assert_eq!(cancelled.written.unwrap().blocks, [BlockVersion { block: 0, version: 4 }]);
    let cancelled = cancelled.sale.unwrap();
    assert!(cancelled.cancelled_at_ms >= sale.sold_at_ms);
    assert_eq!((statuses(&pool, ours.1).await, blocks(&pool, ours.1).await), (vec![0; 3], vec![(4, 3)]));

    // The next buyer's sale of the same seats is not touched by cancelling again.
    let next = seller.hold("eve", &[1, 2]).await;
    seller.confirm("eve", &next, "o").await.unwrap();
    let again = seller.cancel("ada", &sale.sale_id).await.unwrap();
    assert_eq!((again.sale, again.written), (Some(cancelled.clone()), None));
    assert_eq!(statuses(&pool, ours.1).await, [2, 2, 0]);
    // Confirming what was cancelled is still that sale, and sells nothing.
    assert_eq!(seller.confirm("ada", &hold, "o").await.unwrap().sale, Some(cancelled));
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn an_order_needs_a_name(pool: PgPool) {
    let ours = on_sale(&pool, 3).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1]).await;
    for wrong in ["", &"x".repeat(256), "\0"] {
        let status = seller.confirm("ada", &hold, wrong).await.unwrap_err();
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "order_ref");
    }
    seller.confirm("ada", &hold, &"ä".repeat(255)).await.unwrap();
    catalog.stop().await.unwrap();
}

/// The index knows nothing of holds: here it finds what the rest does not know of.
#[sqlx::test]
async fn a_seat_that_would_be_sold_twice_is_an_alarm_and_is_not_sold(pool: PgPool) {
    let ours = on_sale(&pool, 3).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let first = seller.hold("ada", &[1]).await;
    seller.confirm("ada", &first, "o").await.unwrap();
    sqlx::query("UPDATE seat_state SET status = 0, hold_id = NULL").execute(&pool).await.unwrap();
    let second = seller.hold("eve", &[1]).await;
    let status = seller.confirm("eve", &second, "o").await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Internal);
    assert_eq!(seller.get("eve", &second).await.unwrap().state(), HoldState::Held);
    catalog.stop().await.unwrap();
}
