use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A room as the admin API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// Its number; 1 is the site room.
    pub room_id: u64,
    /// Grows with every reset.
    pub epoch: u64,
    /// The whole of it, as it can be put.
    pub policy: Value,
    /// Grows with every change of the policy or mode.
    pub policy_version: u64,
    /// Every number up to here has been called.
    pub serving: u64,
    /// The last number that was given out.
    pub last_number: u64,
    /// Sessions.
    pub active: u64,
    /// Called and present without a slot.
    pub ready: u64,
    /// Every number up to here has had its claim window.
    pub floor: u64,
    /// The concerts that the room guards by name.
    #[serde(default)]
    pub concert_ids: Vec<u64>,
}

impl Room {
    /// The policy's mode: `off`, `open`, and so on.
    #[must_use]
    pub fn mode(&self) -> &str {
        self.policy["mode"].as_str().unwrap_or_default()
    }

    /// How many sessions there may be at once.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.policy["capacity"].as_u64().unwrap_or_default()
    }

    /// Whether anybody needs a place in it.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.mode() != "off"
    }
}
