//! Holding seats by name, extending and releasing.

use onsale_proto::catalog::v1::{BlockVersion, Hold, HoldKey, HoldRequest, HoldState};
use sqlx::PgPool;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    fixture::{Change, Times, change, concert, hall, on_sale, schedule},
    running::{Running, database_url},
    selling::{Seller, blocks, channel, figure, key, missing, reason, statuses, user},
};

#[sqlx::test]
async fn a_hold_keeps_its_seats_for_its_buyer_and_tells_what_was_written(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;

    let answer = seller.try_hold("ada", &[513, 2, 1]).await.unwrap();
    let (hold, written) = (answer.hold.unwrap(), answer.written.unwrap());
    let seats: Vec<_> =
        hold.seats.iter().map(|seat| (seat.seat_no, seat.price, seat.label.as_str())).collect();
    assert_eq!(seats, [(1, 9000, "S0-0"), (2, 9000, "S0-1"), (513, 9000, "S0-512")]);
    assert_eq!((hold.amount, hold.currency.as_str(), hold.state()), (27_000, "EUR", HoldState::Held));
    assert_eq!(
        (hold.ends_at_ms - hold.held_at_ms, hold.latest_end_ms - hold.held_at_ms),
        (600_000, 1_800_000)
    );
    assert_eq!(hold.now_ms, hold.held_at_ms);
    let version = |block| BlockVersion { block, version: 2 };
    assert_eq!(written.blocks, [version(0), version(1)]);
    assert_eq!(blocks(&pool, ours.1).await, [(2, 510), (2, 87)]);

    let same = |found: &Hold| Hold { now_ms: hold.now_ms, ..found.clone() } == hold;
    assert!(same(&seller.get("ada", &hold).await.unwrap()));
    assert!(matches!(&seller.list("ada").await[..], [found] if same(found)));
    assert_eq!(seller.list("eve").await, []);
    let status = seller.try_hold("eve", &[3, 513, 2]).await.unwrap_err();
    assert_eq!(figure(&status, "seats"), "2,513");
    assert_eq!(reason::<()>(Err(status)), "SEATS_TAKEN");
    assert_eq!(blocks(&pool, ours.1).await, [(2, 510), (2, 87)]);
    seller.hold("eve", &[3]).await;
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn sold_and_blocked_seats_are_taken_and_ended_holds_are_not(pool: PgPool) {
    let ours = on_sale(&pool, 4).await;
    for (seat, made) in [(1, Change::Sell), (2, Change::Block), (3, Change::Hold(-0.001))] {
        change(&pool, ours.1, seat, made).await;
    }
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    for seat in [1, 2] {
        assert_eq!(reason(seller.try_hold("ada", &[seat]).await), "SEATS_TAKEN");
    }
    seller.hold("ada", &[3]).await;
    let taken_over: bool = sqlx::query_scalar(
        "SELECT ended_hold_id IS NOT NULL AND cause = 1 FROM seat_event
         WHERE schedule_id = $1 AND seat_no = 3 ORDER BY version DESC LIMIT 1",
    )
    .bind(ours.1)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(taken_over);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn seats_that_no_hold_can_be_of_are_refused_by_name(pool: PgPool) {
    let ours = on_sale(&pool, 200).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let ask = |seats: &[u32]| seller.ask(seller.request(channel("box-office"), seats));
    let many: Vec<u32> = (1..=101).collect();
    for wrong in [&[][..], &[1, 1], &many, &[0], &[u32::MAX], &[1, 201], &[900]] {
        let status = ask(wrong).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{wrong:?} {status:?}");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "named.seat_nos", "{wrong:?}");
    }
    assert!(ask(&[1, 201]).await.unwrap_err().message().contains("201"));
    assert!(statuses(&pool, ours.1).await.iter().all(|status| *status == 0));
    ask(&many[..100]).await.unwrap();
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn other_wrong_fields_are_refused_by_name(pool: PgPool) {
    let ours = on_sale(&pool, 2).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let right = seller.request(user("ada"), &[1]);
    for (request, field) in [
        (HoldRequest { buyer: None, ..right.clone() }, "buyer"),
        (HoldRequest { buyer: Some(user("")), ..right.clone() }, "buyer.user"),
        (HoldRequest { buyer: Some(user(&"x".repeat(65))), ..right.clone() }, "buyer.user"),
        (HoldRequest { buyer: Some(channel("\0")), ..right.clone() }, "buyer.channel"),
        (HoldRequest { concert_id: 0, ..right.clone() }, "concert_id"),
        (HoldRequest { schedule_id: 1 << 63, ..right.clone() }, "schedule_id"),
        (HoldRequest { seats: None, ..right.clone() }, "named"),
        (HoldRequest { idempotency_key: "x".repeat(256), ..right.clone() }, "idempotency_key"),
        (HoldRequest { kept_answer_only: true, ..right.clone() }, "idempotency_key"),
    ] {
        let status = seller.ask(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field} {status:?}");
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, field);
    }
    seller.ask(right).await.unwrap();
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_schedule_is_of_its_concert_and_sold_in_its_time(pool: PgPool) {
    let (ours, other) = (concert(&pool, "ours").await, concert(&pool, "other").await);
    let layout = hall(&pool, &[("S", 3)]).await;
    let catalog = Running::start(&pool).await;
    let seller = |concert, id| Seller::new(&catalog, (concert, id));

    let open = schedule(&pool, ours, layout, Times::on_sale(5000.0)).await;
    assert_eq!(missing(seller(other, open).await.try_hold("ada", &[1]).await), "schedule");
    assert_eq!(missing(seller(ours, 1 << 40).await.try_hold("ada", &[1]).await), "schedule");
    seller(ours, open).await.hold("ada", &[1]).await;

    let early = Times { starts: 5000.0, opens: 60.0, closes: 5000.0 };
    let early = schedule(&pool, ours, layout, early).await;
    let status = seller(ours, early).await.try_hold("ada", &[1]).await.unwrap_err();
    let opens_at: i64 = figure(&status, "opens_at_ms").parse().unwrap();
    let stored: i64 =
        sqlx::query_scalar("SELECT unix_micros(sale_opens_at) / 1000 FROM schedule WHERE id = $1")
            .bind(early)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(opens_at, stored);
    assert_eq!(reason::<()>(Err(status)), "SALE_NOT_OPEN");

    for over in [
        Times { starts: 5000.0, opens: -60.0, closes: -0.01 },
        Times { starts: -0.01, opens: -60.0, closes: 5000.0 },
    ] {
        let over = schedule(&pool, ours, layout, over).await;
        assert_eq!(reason(seller(ours, over).await.try_hold("ada", &[1]).await), "SALE_OVER");
        assert_eq!(statuses(&pool, over).await, [0, 0, 0]);
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn users_have_a_limit_and_channels_have_none(pool: PgPool) {
    let ours = on_sale(&pool, 40).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let nine: Vec<u32> = (1..=9).collect();
    assert_eq!(reason(seller.try_hold("ada", &nine).await), "LIMIT_REACHED");
    let sold = seller.hold("ada", &nine[..5]).await;
    let sale = seller.confirm("ada", &sold, "o").await.unwrap().sale.unwrap();
    let held = seller.hold("ada", &[6, 7, 8]).await;
    let status = seller.try_hold("ada", &[9]).await.unwrap_err();
    assert_eq!((figure(&status, "limit"), figure(&status, "have")), ("8".to_owned(), "8".to_owned()));
    // What is given back makes room: held, and sold.
    seller.release("ada", &held).await.unwrap();
    seller.hold("ada", &[6, 7, 8]).await;
    assert_eq!(reason(seller.try_hold("ada", &[9]).await), "LIMIT_REACHED");
    seller.cancel("ada", &sale.sale_id).await.unwrap();
    seller.hold("ada", &[9]).await;
    // Others have limits of their own, and channels none; a user of a channel's name is another buyer.
    seller.hold("eve", &[10]).await;
    let many: Vec<u32> = (11..=30).collect();
    seller.ask(seller.request(channel("ada"), &many)).await.unwrap();

    sqlx::query("UPDATE schedule SET seats_per_user = NULL").execute(&pool).await.unwrap();
    seller.hold("ada", &(31..=40).collect::<Vec<_>>()).await;
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn an_extension_moves_the_end_up_to_the_cap_and_never_back(pool: PgPool) {
    let ours = on_sale(&pool, 4).await;
    let times = ["--hold-seconds=100", "--extension-seconds=150", "--hold-cap-seconds=120"];
    let catalog = Running::start_with(&database_url(&pool), &times).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1, 2]).await;
    let longer = seller.extend("ada", &hold).await.unwrap();
    assert_eq!(longer.written.unwrap().blocks, [BlockVersion { block: 0, version: 3 }]);
    let longer = longer.hold.unwrap();
    assert_eq!((longer.ends_at_ms, longer.held_at_ms), (hold.latest_end_ms, hold.held_at_ms));
    let again = seller.extend("ada", &hold).await.unwrap();
    assert_eq!((again.written, again.hold.unwrap().ends_at_ms), (None, hold.latest_end_ms));
    let until: Vec<i64> =
        sqlx::query_scalar("SELECT unix_micros(held_until) / 1000 FROM seat_state WHERE status = 1")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(until, [hold.latest_end_ms; 2]);
    catalog.stop().await.unwrap();

    let times = ["--hold-seconds=100", "--extension-seconds=10"];
    let catalog = Running::start_with(&database_url(&pool), &times).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[3]).await;
    let same = seller.extend("ada", &hold).await.unwrap();
    assert_eq!((same.written, same.hold.unwrap().ends_at_ms), (None, hold.ends_at_ms));
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn nobody_but_its_buyer_finds_a_hold(pool: PgPool) {
    let ours = on_sale(&pool, 4).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1]).await;
    let as_channel = HoldKey { buyer: Some(channel("ada")), ..key("ada", &hold) };
    assert_eq!(missing(seller.client.clone().get_hold(as_channel).await), "hold");
    assert_eq!(missing(seller.get("eve", &hold).await), "hold");
    assert_eq!(missing(seller.extend("eve", &hold).await), "hold");
    assert_eq!(missing(seller.check_out("eve", &hold).await), "hold");
    assert_eq!(missing(seller.release("eve", &hold).await), "hold");
    assert_eq!(missing(seller.confirm("eve", &hold, "o").await), "hold");
    assert_eq!(statuses(&pool, ours.1).await, [1, 0, 0, 0]);

    let sale = seller.confirm("ada", &hold, "o").await.unwrap().sale.unwrap();
    assert_eq!(missing(seller.get_sale("eve", &sale.sale_id).await), "sale");
    assert_eq!(missing(seller.cancel("eve", &sale.sale_id).await), "sale");
    seller.get_sale("ada", &sale.sale_id).await.unwrap();
    let wrong = Hold { hold_id: "nonsense".to_owned(), ..hold };
    let status = seller.get("ada", &wrong).await.unwrap_err();
    assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "hold_id");
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn a_released_hold_stays_released(pool: PgPool) {
    let ours = on_sale(&pool, 600).await;
    let catalog = Running::start(&pool).await;
    let seller = Seller::new(&catalog, ours).await;
    let hold = seller.hold("ada", &[1, 600]).await;
    let released = seller.release("ada", &hold).await.unwrap();
    assert_eq!(released.hold.unwrap().state(), HoldState::Released);
    assert_eq!(released.written.unwrap().blocks.len(), 2);
    assert_eq!(blocks(&pool, ours.1).await, [(3, 512), (3, 88)]);
    let again = seller.release("ada", &hold).await.unwrap();
    assert_eq!((again.written, again.hold.unwrap().state()), (None, HoldState::Released));
    assert_eq!(reason(seller.extend("ada", &hold).await), "HOLD_ENDED");
    assert_eq!(reason(seller.check_out("ada", &hold).await), "HOLD_ENDED");
    assert_eq!(reason(seller.confirm("ada", &hold, "o").await), "HOLD_ENDED");
    assert_eq!(seller.list("ada").await, []);
    // What the next buyer holds is not touched by releasing again.
    seller.hold("eve", &[1]).await;
    seller.release("ada", &hold).await.unwrap();
    assert_eq!(statuses(&pool, ours.1).await[0], 1);
    catalog.stop().await.unwrap();
}
