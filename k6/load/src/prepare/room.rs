use onsale_stack::operator::{Desk, KNOWN_WITHIN};
use serde_json::{Map, Value, json};

use super::PrepareError;
use crate::scenario::{RoomNeeds, WhichRoom};

/// The room of runs. Far from what a house would number its own.
pub(super) const OWN: u64 = 9_000_001;
/// The site's.
const SITE: u64 = 1;

/// A room in force for a run.
pub struct Guard {
    /// Which room.
    pub room: u64,
    desk: Desk,
    /// The site room's policy, to be set again.
    before: Option<Value>,
}

impl Guard {
    /// Sets the room's policy, empties its line, and puts the concert behind it.
    ///
    /// # Errors
    /// The gateways do not let an operator in, or refuse the policy.
    pub async fn put_in_force(
        desk: Desk,
        needs: &RoomNeeds,
        concert: Option<u64>,
    ) -> Result<Self, PrepareError> {
        let (room, before) = match needs.id {
            WhichRoom::Own => (OWN, None),
            WhichRoom::Site => (SITE, Some(desk.room(SITE).await?.policy)),
        };
        desk.put_policy(room, &policy(&needs.policy)).await?;
        desk.reset(room).await?;
        if let (WhichRoom::Own, Some(concert)) = (needs.id, concert) {
            desk.tie(concert, room).await?;
        }
        tokio::time::sleep(KNOWN_WITHIN).await;
        Ok(Self { room, desk, before })
    }

    /// The operator's desk, to look at the room.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Sets what was set before. The run's own room is left as it is: nothing else stands behind it.
    ///
    /// # Errors
    /// The gateways do not let an operator in.
    pub async fn put_back(self) -> Result<(), PrepareError> {
        if let Some(before) = &self.before {
            self.desk.put_policy(self.room, before).await?;
        }
        Ok(())
    }
}

/// A room in which nobody has to wait, but for what a scenario wants otherwise.
pub(super) fn policy(wanted: &Map<String, Value>) -> Value {
    let mut policy = json!({
        "mode": "open", "capacity": 100_000, "ratePerSecond": 10_000, "burst": 100_000,
        "claimWindowMs": 120_000, "returnWindowMs": 600_000, "leaseMs": 600_000, "sessionCapMs": 7_200_000,
        "maxWaiting": 5_000_000,
    });
    for (field, value) in wanted {
        policy[field] = value.clone();
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_says_only_what_it_wants_otherwise() {
        let wanted = json!({"mode": "paused", "capacity": 7});
        let policy = policy(wanted.as_object().unwrap());
        assert_eq!((&policy["mode"], &policy["capacity"]), (&json!("paused"), &json!(7)));
        assert_eq!(policy["leaseMs"], 600_000);
    }
}
