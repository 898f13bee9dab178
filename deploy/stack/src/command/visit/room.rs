use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{tally::Seen, target::Target};

/// How often a room is looked at while visitors walk.
const LOOK: Duration = Duration::from_millis(200);
/// What an operator changes is known everywhere within this.
const KNOWN: Duration = Duration::from_secs(1);

/// The site room, which is in force for the visit.
pub(super) struct Guarded {
    desk: Desk,
    /// What was set before, where the visit has changed it.
    before: Option<Value>,
    now: Value,
}

/// The operator's desk at a gateway.
#[derive(Clone)]
struct Desk {
    client: Client,
    room: String,
    key: String,
}

/// Looks at the room for as long as the visit lasts.
pub(super) struct Watching {
    task: JoinHandle<()>,
    seen: Arc<Mutex<RoomSeen>>,
}

/// What was seen of the room.
#[derive(Clone, Debug, Default)]
pub(super) struct RoomSeen {
    pub(super) most_active: u64,
    pub(super) serving: Seen,
    pub(super) capacity: Seen,
    last_serving: u64,
}

impl Guarded {
    /// Puts the site room in force where it is off, for so many unless told otherwise; one that is in force stays as it
    /// is unless told otherwise.
    pub(super) async fn put_in_force(
        target: &Target,
        unless_told: u32,
        told: Option<u32>,
    ) -> anyhow::Result<Self> {
        let desk = Desk {
            client: Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?,
            room: format!("{}/api/admin/rooms/1", target.gateways[0]),
            key: target.operator_key.clone(),
        };
        let found = desk.ask(Method::GET, None).await?["policy"].clone();
        if found["mode"] != "off" && told.is_none() {
            return Ok(Self { desk, before: None, now: found });
        }
        let capacity = told.unwrap_or(unless_told);
        let now = json!({
            "mode": "open", "capacity": capacity, "ratePerSecond": capacity.max(20), "burst": capacity.max(20),
            "claimWindowMs": 120_000, "returnWindowMs": 600_000, "leaseMs": 30_000, "sessionCapMs": 300_000,
            "maxWaiting": 1_000_000,
        });
        desk.put(&now).await?;
        tokio::time::sleep(KNOWN).await;
        Ok(Self { desk, before: Some(found), now })
    }

    pub(super) fn summary(&self) -> String {
        let figures = format!("{} at once, {} a second", self.now["capacity"], self.now["ratePerSecond"]);
        if self.before.is_some() {
            format!("the site room is in force as this visit wants it: {figures}")
        } else {
            format!("the site room is in force: {figures} (--capacity lets in others for this visit)")
        }
    }

    pub(super) fn watch(&self) -> Watching {
        let (seen, desk) = (Arc::new(Mutex::new(RoomSeen::default())), self.desk.clone());
        let noting = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                // An outage is for the visitors to find out.
                if let Ok(room) = desk.ask(Method::GET, None).await {
                    noting.lock().unwrap_or_else(PoisonError::into_inner).note(&room);
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Watching { task, seen }
    }

    /// Sets what was set before.
    pub(super) async fn put_back(self) -> anyhow::Result<()> {
        match self.before {
            Some(before) => self.desk.put(&before).await,
            None => Ok(()),
        }
    }
}

impl Watching {
    pub(super) async fn end(self) -> RoomSeen {
        self.task.abort();
        // It was told to end, and has nothing else to say.
        let _ = self.task.await;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl RoomSeen {
    fn note(&mut self, room: &Value) {
        let number = |field: &str| room[field].as_u64().unwrap_or_default();
        let (active, serving, last) = (number("active"), number("serving"), number("lastNumber"));
        let capacity = room["policy"]["capacity"].as_u64().unwrap_or_default();
        self.most_active = self.most_active.max(active);
        self.capacity.checked += 1;
        if active > capacity {
            self.capacity.broken.push(format!("{active} were in at once, of at most {capacity}"));
        }
        self.serving.checked += 1;
        if serving < self.last_serving || serving > last {
            let before = self.last_serving;
            self.serving.broken.push(format!("serving was {before}, and then {serving} of {last} numbers"));
        }
        self.last_serving = serving;
    }
}

impl Desk {
    async fn put(&self, policy: &Value) -> anyhow::Result<()> {
        self.ask(Method::PUT, Some(&json!({ "policy": policy }))).await.map(drop)
    }

    async fn ask(&self, method: Method, body: Option<&Value>) -> anyhow::Result<Value> {
        let request = self.client.request(method, &self.room).bearer_auth(&self.key);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.context("ask for the site room")?;
        let status = answer.status();
        let body: Value = answer.json().await.context("understand the site room")?;
        anyhow::ensure!(status.is_success(), "the gateway does not let an operator in: {body}");
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(active: u64, serving: u64) -> Value {
        json!({"active": active, "serving": serving, "lastNumber": 100, "policy": {"capacity": 10}})
    }

    #[test]
    fn a_room_over_capacity_and_serving_that_falls_are_seen() {
        let mut seen = RoomSeen::default();
        for (active, serving) in [(10, 20), (9, 30), (10, 30)] {
            seen.note(&room(active, serving));
        }
        assert_eq!((seen.most_active, seen.capacity.broken.len(), seen.serving.broken.len()), (10, 0, 0));
        seen.note(&room(11, 29));
        assert_eq!((seen.capacity.broken.len(), seen.serving.broken.len()), (1, 1));
        seen.note(&room(1, 101));
        assert_eq!(seen.serving.broken.len(), 2);
    }
}
