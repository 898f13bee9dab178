//! What a scenario tells of itself, before it is run: `options.ext.onsale` of the script.
//!
//! k6 passes `ext` through untouched and `k6 inspect` prints it, so that a scenario is described in its own file and
//! nowhere else.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    generator::k6::{K6, K6Error},
    results::Offered,
};

/// What a scenario needs, offers and promises.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What the scenario is to find out.
    pub question: String,
    /// The room in front of what is tested; `None` where the scenario needs none.
    #[serde(default)]
    pub room: Option<RoomNeeds>,
    /// One schedule of so many free seats each.
    #[serde(default)]
    pub seats: Vec<u32>,
    /// The calls whose objectives the run is about: names of `slo.json`.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Counters that have to be above zero, else the run was not about what it says.
    #[serde(default)]
    pub proves: Vec<String>,
    /// What is broken on purpose, one run for each; see [`Fault`](crate::fault::Fault).
    #[serde(default)]
    pub faults: Vec<String>,
    /// When it is broken, in seconds after the scenario's own preparations.
    #[serde(default)]
    pub fault_at: f64,
    /// For how many seconds it stays so.
    #[serde(default)]
    pub fault_lasts: f64,
    /// What the load is like from when on.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// The plateaus of an open model; none for a closed one.
    #[serde(default)]
    pub offered: Vec<Offered>,
}

/// Which room, and what differs from the policy that runs have otherwise.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoomNeeds {
    /// Which one.
    pub id: WhichRoom,
    /// Fields of the policy.
    #[serde(flatten)]
    pub policy: Map<String, Value>,
}

/// Which room a scenario needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhichRoom {
    /// One that guards the run's concert and nothing else.
    #[default]
    Own,
    /// The site room, for clients that name no concert.
    Site,
}

/// A part of a run with one kind of load.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Phase {
    /// What it is called.
    pub name: String,
    /// When it begins, in seconds after the scenario's own preparations.
    pub at: f64,
}

/// A script, and what it is told.
#[derive(Clone, Debug)]
pub struct Script {
    /// The scenario's name: that of the file without its end.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it is told.
    pub settings: BTreeMap<String, String>,
}

impl Script {
    /// Asks the script what it is about, with its settings, since they may alter that.
    ///
    /// # Errors
    /// k6 cannot read the script, or the script does not say, or says something else than is known here.
    pub async fn inspect(&self, k6: &K6) -> Result<Scenario, K6Error> {
        let mut command = k6.command("inspect", &self.settings);
        command.arg(&self.path).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.map_err(K6Error::Start)?;
        if !output.status.success() {
            return Err(K6Error::Script(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        read(&output.stdout)
    }
}

fn read(options: &[u8]) -> Result<Scenario, K6Error> {
    let mut options: Value = serde_json::from_slice(options).map_err(K6Error::Manifest)?;
    serde_json::from_value(options["ext"]["onsale"].take()).map_err(K6Error::Manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_what_it_is_about() {
        let options =
            br#"{"vus": null, "ext": {"onsale": {"name": "status", "question": "how fast?", "seats": [50],
            "room": {"id": "site", "mode": "paused", "capacity": 3},
            "offered": [{"scenario": "status", "rate": 20, "seconds": 5}],
            "phases": [{"name": "steady", "at": 2.5}], "faultAt": 3}}}"#;
        let scenario = read(options).unwrap();
        let room = scenario.room.unwrap();
        assert_eq!((room.id, room.policy["mode"].as_str()), (WhichRoom::Site, Some("paused")));
        assert_eq!((scenario.offered[0].rate, scenario.phases[0].at, scenario.fault_at), (20.0, 2.5, 3.0));
        assert!(scenario.faults.is_empty());
    }

    #[test]
    fn what_is_not_known_here_is_not_passed_over() {
        for options in
            [r"{}", r#"{"ext": {"onsale": {"name": "?", "question": "?", "fault": ["redis-killed"]}}}"#]
        {
            assert!(read(options.as_bytes()).is_err(), "{options}");
        }
    }
}
