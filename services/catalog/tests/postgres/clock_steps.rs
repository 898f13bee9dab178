//! Copies on machines whose clocks are wrong: nothing depends on them.

use std::{fs, path::Path, process::Command, time::Duration};

use onsale_proto::catalog::v1::{HoldRequest, HoldState, sales_service_client::SalesServiceClient};
use onsale_stack::{Service, ServiceOptions};
use sqlx::PgPool;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tonic::transport::Endpoint;

use crate::{
    fixture::on_sale,
    running::{PATIENCE, database_url},
    selling::{Seller, reason, user},
};

const HOUR: i64 = 3600;

/// Builds the library that sets a clock wrong.
fn shifted_clock(folder: &Path) -> String {
    let library = folder.join("shifted_clock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres/shifted_clock.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", source, "-o"]).arg(&library).status();
    assert!(built.unwrap().success());
    library.to_str().unwrap().to_owned()
}

/// A copy whose clock is so many seconds ahead.
async fn copy(library: &str, url: &str, shift: i64) -> Service {
    let settings = [
        ("LD_PRELOAD", library),
        ("SHIFT_SECONDS", &shift.to_string()),
        ("ONSALE_DATABASE_URL", url),
        ("ONSALE_HOLD_SECONDS", "2"),
        ("ONSALE_LOG", "info"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let program = env!("CARGO_BIN_EXE_onsale-catalog");
    let options = ServiceOptions::new("onsale-catalog").program(program).envs(settings);
    let mut copy = Service::start(options).await.unwrap();
    copy.until_ready().await.unwrap();
    copy
}

async fn seller(copy: &Service, (concert, schedule): (i64, i64)) -> Seller {
    let channel = Endpoint::from_shared(copy.url("grpc")).unwrap().connect().await.unwrap();
    Seller { client: SalesServiceClient::new(channel), concert, schedule }
}

/// How far a copy's clock is ahead, as its log says, in seconds.
fn ahead(copy: &Service) -> i64 {
    let log = fs::read_to_string(copy.log()).unwrap();
    let (_, stamp) = log.split_once(r#""timestamp":""#).expect("a line with its time");
    let stamp = stamp.split('"').next().unwrap();
    (OffsetDateTime::parse(stamp, &Rfc3339).unwrap() - OffsetDateTime::now_utc()).whole_seconds()
}

#[sqlx::test]
async fn clocks_that_are_hours_off_change_nothing(pool: PgPool) {
    let ours = on_sale(&pool, 10).await;
    let folder = tempfile::tempdir().unwrap();
    let (library, url) = (shifted_clock(folder.path()), database_url(&pool));
    let (late, early) = (copy(&library, &url, -5 * HOUR).await, copy(&library, &url, 5 * HOUR).await);
    for (copy, shift) in [(&late, -5 * HOUR), (&early, 5 * HOUR)] {
        assert!((ahead(copy) - shift).abs() < HOUR, "the clock is not off");
    }
    let (late, early) = (seller(&late, ours).await, seller(&early, ours).await);

    let near = |at_ms: i64| (at_ms - OffsetDateTime::now_utc().unix_timestamp() * 1000).abs() < 60_000;
    for (one, other, seats) in [(&late, &early, [1, 2]), (&early, &late, [3, 4])] {
        let hold = one.hold("ada", &seats).await;
        assert!(near(hold.held_at_ms) && hold.ends_at_ms == hold.held_at_ms + 2000, "{hold:?}");
        assert_eq!(other.get("ada", &hold).await.unwrap().state(), HoldState::Held);
        assert_eq!(reason(other.try_hold("eve", &seats).await), "SEATS_TAKEN");
        let longer = other.extend("ada", &hold).await.unwrap().hold.unwrap();
        let paying = one.check_out("ada", &longer).await.unwrap().hold.unwrap();
        assert!(near(paying.ends_at_ms - 900_000));
        let sale = other.confirm("ada", &paying, "o").await.unwrap().sale.unwrap();
        assert!(near(sale.sold_at_ms));
        assert_eq!(one.confirm("ada", &paying, "o").await.unwrap().sale, Some(sale));

        let keyed = HoldRequest { idempotency_key: "k".into(), ..one.request(user("bob"), &[seats[0] + 4]) };
        let first = one.ask(keyed.clone()).await;
        assert_eq!(other.ask(keyed.clone()).await.unwrap(), first.unwrap());
        sqlx::query("DELETE FROM idempotency").execute(&pool).await.unwrap();
    }
    until_each_takes_over(&late, &early).await;
}

/// A hold of one copy is the other's at its end, and not before.
async fn until_each_takes_over(late: &Seller, early: &Seller) {
    for (one, other, seat) in [(late, early, 9), (early, late, 10)] {
        let hold = one.hold("bob", &[seat]).await;
        let next = tokio::time::timeout(PATIENCE, async {
            loop {
                match other.try_hold("eve", &[seat]).await {
                    Ok(answer) => return answer.hold.unwrap(),
                    refused => assert_eq!(reason(refused), "SEATS_TAKEN"),
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let next = next.await.expect("the hold ends");
        let gap = next.held_at_ms - hold.ends_at_ms;
        assert!((0..1000).contains(&gap), "{gap}");
        assert_eq!(reason(one.confirm("bob", &hold, "o").await), "HOLD_ENDED");
    }
}
