//! One gateway, spoken to as any client of REST does.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    wait::{PATIENCE, until},
};

/// What operators show.
pub(crate) const OPERATOR_KEY: &str = "the-operator-key-of-the-tests";

/// One gateway. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    client: Client,
    address: String,
}

impl Api {
    /// The gateway at an address such as `http://127.0.0.1:8080`.
    pub(crate) fn new(address: String) -> Self {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { client, address }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    /// A request that shows a token as `Authorization: Bearer`.
    pub(crate) fn with(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    pub(crate) async fn get_with(&self, path: &str, token: &str) -> Answer {
        Answer::to(self.with(Method::GET, path, token)).await
    }

    /// What seats are shown. A view that is too old is not shown, on a busy machine now and then: whoever is told so
    /// comes again.
    pub(crate) async fn seats(&self, request: impl Fn(&Self) -> RequestBuilder) -> Value {
        let shown = || async {
            let answer = Answer::to(request(self)).await;
            (answer.status != 503).then(|| answer.is(200))
        };
        onsale_stack::until(PATIENCE, shown).await.expect("seats are shown")
    }

    pub(crate) async fn join(&self, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, "/api/queues/token").json(body)).await
    }

    pub(crate) async fn status(&self, token: &str) -> Answer {
        self.get_with("/api/queues/status", token).await
    }

    pub(crate) async fn leave(&self, token: &str) -> Answer {
        Answer::to(self.with(Method::DELETE, "/api/queues/token", token)).await
    }

    /// The token of a user who joins the site room.
    pub(crate) async fn token(&self, user: &str) -> String {
        token(&self.join(&json!({ "userId": user })).await.is(201))
    }

    /// Asks until the visitor is in, and gives the last answer.
    pub(crate) async fn until_active(&self, token: &str) -> Value {
        self.until_status(token, "ACTIVE").await
    }

    /// Asks until the visitor stands so, and gives the last answer.
    pub(crate) async fn until_status(&self, token: &str, wanted: &str) -> Value {
        let stands = || async {
            let answer = self.status(token).await;
            answer.status == 200 && answer.json()["status"] == wanted
        };
        until(wanted, stands).await;
        self.status(token).await.is(200)
    }

    pub(crate) async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.with(method, &format!("/api/admin/{path}"), OPERATOR_KEY);
        Answer::to(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// How a room stands, as an operator sees it.
    pub(crate) async fn room(&self, room: u64) -> Value {
        self.admin(Method::GET, &format!("rooms/{room}"), None).await.is(200)
    }
}

/// The token in the answer to a join.
pub(crate) fn token(joined: &Value) -> String {
    joined["token"].as_str().unwrap_or_else(|| panic!("no token: {joined}")).to_owned()
}

/// Sets of a policy what the tests are about. Nothing waits for the rate, and windows and leases outlast a test.
pub(crate) fn policy(mode: &str, capacity: u32) -> Value {
    json!({
        "mode": mode, "ratePerSecond": 10_000.0, "burst": 10_000, "capacity": capacity,
        "claimWindowMs": 300_000, "returnWindowMs": 600_000, "leaseMs": 600_000, "sessionCapMs": 600_000,
        "maxWaiting": 1_000_000,
    })
}
