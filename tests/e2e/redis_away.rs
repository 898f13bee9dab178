//! Redis gone and frozen: who waits is still told so, who needs it is told when to come back, and it comes back.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    api::{Api, policy},
    metrics::{counted, missing},
    onsale::{DEADLINE, Onsale, Plan, RECOVERY},
    wait::until,
};

const SEATS: &str = "/api/concerts/1/schedules/1/seats";
/// From when on the gateways mark what they tell as stale, unless they are told otherwise.
const STALE_AFTER: Duration = Duration::from_secs(2);
/// An answer that costs no call.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A line in which one is in, one is called and has not come yet, and two wait.
struct Line {
    onsale: Onsale,
    api: Api,
    active: String,
    called: String,
    waiting: [(String, u64); 2],
}

impl Line {
    async fn form() -> Self {
        let onsale = Onsale::start_as(Plan { copies: 2, ..Plan::default() }).await;
        onsale.put_room(1, &policy("open", 1)).await;
        let api = onsale.api();
        let active = api.token("active").await;
        api.until_active(&active).await;
        let called = api.token("called").await;
        let mut waiting = Vec::new();
        for user in ["third", "fourth"] {
            let joined = api.join(&json!({ "userId": user })).await.is(201);
            waiting.push((crate::api::token(&joined), joined["number"].as_u64().unwrap()));
        }
        onsale.put_room(1, &policy("open", 2)).await;
        // A copy that has not seen it yet would say that the second waits, and ask nobody.
        for queue in &onsale.queues {
            let is_called =
                || async { counted(queue, "onsale_queue_serving_number", &[r#"room="1""#]).await >= 2.0 };
            until("the second to be called, and each copy to know it", is_called).await;
        }
        until("the gateways to know it", || async { serving(&api).await == 2 }).await;
        Self { onsale, api, active, called, waiting: waiting.try_into().unwrap() }
    }

    /// Asserts that who waits is told what was told before, at once.
    async fn waits(&self) -> Vec<Value> {
        let mut places = Vec::new();
        for (token, number) in &self.waiting {
            let answer = self.api.status(token).await;
            let place = answer.is(200);
            assert_eq!((&place["status"], &place["number"]), (&json!("WAITING"), &json!(number)));
            assert_eq!(place["remainingQueueCount"], number - 3);
            assert!(answer.took < AT_ONCE, "{answer:?}");
            places.push(place);
        }
        places
    }

    /// Asserts what everybody meets while Redis is away.
    async fn goes_on(&self) {
        self.waits().await;
        self.needs_redis().await;
        // A session that was told goes on, and what is not Redis' is there.
        assert_eq!(self.api.status(&self.active).await.is(200)["status"], "ACTIVE");
        self.api.get_with(SEATS, &self.active).await.is(200);
        self.api.get("/api/concerts").await.is(200);
        let is_stale = || async { self.waits().await.iter().all(|place| place["stale"] == true) };
        until("answers to be marked as stale", is_stale).await;
        assert!(self.waits().await[0]["ageMs"].as_u64() >= Some(STALE_AFTER.as_millis().try_into().unwrap()));
        for queue in &self.onsale.queues {
            assert_eq!(missing(queue).await, ["redis"]);
        }
        assert_eq!(missing(&self.onsale.gateways[0]).await, ["queue"]);
    }

    /// Asserts that whatever needs Redis is told in time to come back, also when much of it comes at once.
    async fn needs_redis(&self) {
        let mut answers = JoinSet::new();
        for round in 0..3 {
            let (api, called, waiting) = (self.api.clone(), self.called.clone(), self.waiting[1].0.clone());
            let user = json!({ "userId": format!("new {round}") });
            answers.spawn(async move {
                let (join, claim) = tokio::join!(api.join(&user), api.status(&called));
                let (claim_at_the_seats, leave) =
                    tokio::join!(api.get_with(SEATS, &called), api.leave(&waiting));
                let pause = api.admin(Method::POST, "rooms/1/pause", None).await;
                [join, claim, claim_at_the_seats, leave, pause]
            });
        }
        for answer in answers.join_all().await.iter().flatten() {
            answer.is_an_outage(DEADLINE);
        }
    }

    /// Asserts that everything works again by itself, in time, and that nobody has lost anything.
    async fn is_back(&mut self, since: Instant) {
        let comes = || async { self.api.status(&self.called).await.status == 200 };
        until("the called one to be let in", comes).await;
        let joins = || async { self.api.join(&json!({"userId": "late"})).await.status == 201 };
        until("joins to be taken", joins).await;
        let took = since.elapsed();
        println!("claims and joins again after {took:?}");
        assert!(took < RECOVERY, "{took:?}");
        assert_eq!(self.api.status(&self.called).await.is(200)["status"], "ACTIVE");
        assert_eq!(self.api.status(&self.active).await.is(200)["status"], "ACTIVE");
        self.waits().await;
        let late = self.api.join(&json!({"userId": "late"})).await.is(201);
        assert!(late["number"].as_u64() > Some(4), "{late}");
        let is_fresh = || async { self.waits().await.iter().all(|place| place["stale"] == false) };
        until("answers to be fresh", is_fresh).await;
        self.onsale.until_ready().await;
        self.api.leave(&self.active).await.is(204);
        self.api.until_active(&self.waiting[0].0).await;
    }
}

async fn serving(api: &Api) -> u64 {
    api.get("/api/queues/rooms/1").await.is(200)["serving"].as_u64().unwrap()
}

#[tokio::test]
async fn redis_killed() {
    let mut line = Line::form().await;
    line.onsale.redis.kill9().unwrap();
    line.goes_on().await;
    line.onsale.redis.restart().await.unwrap();
    line.is_back(Instant::now()).await;
    assert!(serving(&line.api).await >= 3);
}

#[tokio::test]
async fn redis_frozen() {
    let mut line = Line::form().await;
    line.onsale.redis.freeze().unwrap();
    line.goes_on().await;
    line.onsale.redis.thaw().unwrap();
    line.is_back(Instant::now()).await;
}
