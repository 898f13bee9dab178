use onsale_stack::{
    StackError, Target,
    operator::{Desk, KNOWN_WITHIN, RoomWatch},
};
use serde_json::{Value, json};

/// The site room.
const ROOM: u64 = 1;

/// The site room, which is in force for the visit.
pub(super) struct Guarded {
    desk: Desk,
    /// What was set before, where the visit has changed it.
    before: Option<Value>,
    now: Value,
}

impl Guarded {
    /// Puts the site room in force where it is off, for so many unless told otherwise; one that is in force stays as it
    /// is unless told otherwise.
    pub(super) async fn put_in_force(
        target: &Target,
        unless_told: u32,
        told: Option<u32>,
    ) -> Result<Self, StackError> {
        let desk = Desk::at(target)?;
        let found = desk.room(ROOM).await?;
        if found.is_in_force() && told.is_none() {
            return Ok(Self { desk, before: None, now: found.policy });
        }
        let capacity = told.unwrap_or(unless_told);
        let now = json!({
            "mode": "open", "capacity": capacity, "ratePerSecond": capacity.max(20), "burst": capacity.max(20),
            "claimWindowMs": 120_000, "returnWindowMs": 600_000, "leaseMs": 30_000, "sessionCapMs": 300_000,
            "maxWaiting": 1_000_000,
        });
        desk.put_policy(ROOM, &now).await?;
        tokio::time::sleep(KNOWN_WITHIN).await;
        Ok(Self { desk, before: Some(found.policy), now })
    }

    pub(super) fn summary(&self) -> String {
        let figures = format!("{} at once, {} a second", self.now["capacity"], self.now["ratePerSecond"]);
        if self.before.is_some() {
            format!("the site room is in force as this visit wants it: {figures}")
        } else {
            format!("the site room is in force: {figures} (--capacity lets in others for this visit)")
        }
    }

    pub(super) fn watch(&self) -> RoomWatch {
        RoomWatch::start(self.desk.clone(), ROOM)
    }

    /// Sets what was set before.
    pub(super) async fn put_back(self) -> Result<(), StackError> {
        match self.before {
            Some(before) => self.desk.put_policy(ROOM, &before).await.map(drop),
            None => Ok(()),
        }
    }
}
