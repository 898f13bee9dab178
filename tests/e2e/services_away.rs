//! A service with one copy gone or frozen: the gateway says so in time, and which.

use onsale_stack::Service;
use serde_json::json;

use crate::{
    api::policy,
    metrics::missing,
    onsale::{DEADLINE, Onsale, RECOVERY},
    wait::until,
};

const SEATS: &str = "/api/concerts/1/schedules/1/seats";

fn break_it(service: &mut Service, kill: bool) {
    if kill { service.kill9() } else { service.freeze() }.unwrap();
}

async fn mend_it(service: &mut Service, killed: bool) {
    if killed {
        service.restart().await.unwrap();
        service.until_ready().await.unwrap();
    } else {
        service.thaw().unwrap();
    }
}

#[tokio::test]
async fn the_catalog_away() {
    let mut onsale = Onsale::start().await;
    let api = onsale.api();
    for kill in [true, false] {
        break_it(&mut onsale.catalogs[0], kill);
        for path in ["/api/concerts", "/api/concerts/1/schedules", SEATS] {
            // What was asked for before is told until it is too old.
            until("the outage to be told", || async { api.get(path).await.status == 503 }).await;
            let answer = api.get(path).await;
            answer.is_problem(503, "unavailable");
            answer.is_an_outage(DEADLINE);
        }
        api.token("ada").await;
        let says = || async { missing(&onsale.gateways[0]).await == ["catalog"] };
        until("the gateway to say what is away", says).await;
        mend_it(&mut onsale.catalogs[0], kill).await;
        let took = until("reads to be answered", || async { api.get(SEATS).await.status == 200 }).await;
        assert!(took < RECOVERY, "{took:?}");
        onsale.until_ready().await;
    }
}

#[tokio::test]
async fn the_queue_away() {
    let mut onsale = Onsale::start().await;
    onsale.put_room(1, &policy("open", 1)).await;
    let api = onsale.api();
    let active = api.token("active").await;
    api.until_active(&active).await;
    let waiting = api.token("waiting").await;
    for kill in [true, false] {
        break_it(&mut onsale.queues[0], kill);
        for user in 0..3 {
            let answer = api.join(&json!({ "userId": format!("new {user}") })).await;
            answer.is_problem(503, "unavailable");
            answer.is_an_outage(DEADLINE);
            assert_eq!(api.status(&waiting).await.is(200)["remainingQueueCount"], 0);
            assert_eq!(api.status(&active).await.is(200)["status"], "ACTIVE");
            api.get_with(SEATS, &active).await.is(200);
        }
        let says = || async { missing(&onsale.gateways[0]).await == ["queue"] };
        until("the gateway to say what is away", says).await;
        mend_it(&mut onsale.queues[0], kill).await;
        let joins = || async { api.join(&json!({"userId": "late"})).await.status == 201 };
        let took = until("joins to be taken", joins).await;
        assert!(took < RECOVERY, "{took:?}");
        onsale.until_ready().await;
    }
    api.leave(&active).await.is(204);
    api.until_active(&waiting).await;
}
