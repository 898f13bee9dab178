//! Postgres gone and frozen: reads are told when to come back, and the line does not notice.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::{
    api::{Api, policy},
    metrics::missing,
    onsale::{DEADLINE, Onsale, Plan, RECOVERY},
    wait::until,
};

const READS: [&str; 4] =
    ["/api/concerts", "/api/concerts/1", "/api/concerts/1/schedules", "/api/concerts/1/schedules/1/seats"];

/// From views reads go on until those are too old.
const VIEWS: [&str; 2] = ["/api/concerts/1/schedules", "/api/concerts/1/schedules/1/seats"];

async fn goes_on(onsale: &Onsale, api: &Api, token: &str) {
    for path in VIEWS {
        let took =
            until("a view to be too old", || async { api.get_with(path, token).await.status == 503 }).await;
        assert!(took < DEADLINE, "{took:?}");
    }
    let mut answers = JoinSet::new();
    for path in READS {
        let (api, token) = (api.clone(), token.to_owned());
        answers.spawn(async move { api.get_with(path, &token).await });
    }
    for answer in answers.join_all().await {
        answer.is_an_outage(DEADLINE);
        assert!(answer.text.contains("the seat catalog does not answer"), "{answer:?}");
    }
    assert_eq!(api.status(token).await.is(200)["status"], "ACTIVE");
    api.token("new").await;
    until("the catalog to say what is away", || async { missing(&onsale.catalogs[0]).await == ["postgres"] })
        .await;
    until("the gateway to say what is away", || async { missing(&onsale.gateways[0]).await == ["catalog"] })
        .await;
}

async fn is_back(onsale: &mut Onsale, api: &Api, token: &str, since: Instant) {
    for path in READS {
        until("reads to be answered", || async { api.get_with(path, token).await.status == 200 }).await;
    }
    let took = since.elapsed();
    println!("reads again after {took:?}");
    assert!(took < RECOVERY, "{took:?}");
    onsale.until_ready().await;
}

#[tokio::test]
async fn postgres_killed_and_frozen() {
    let mut onsale = Onsale::start_as(Plan { own_postgres: true, ..Plan::default() }).await;
    onsale.put_room(1, &policy("open", 10)).await;
    let api = onsale.api();
    let token = api.token("ada").await;
    api.until_active(&token).await;
    for path in READS {
        api.get_with(path, &token).await.is(200);
    }

    onsale.database.postgres().kill9().unwrap();
    goes_on(&onsale, &api, &token).await;
    onsale.database.postgres().restart().await.unwrap();
    is_back(&mut onsale, &api, &token, Instant::now()).await;

    onsale.database.postgres().freeze().unwrap();
    goes_on(&onsale, &api, &token).await;
    onsale.database.postgres().thaw().unwrap();
    is_back(&mut onsale, &api, &token, Instant::now()).await;
}
