use std::collections::BTreeMap;

use onsale_stack::operator::RoomSeen;

use super::{Folder, PlaceOptions, RunError, Tested};
use crate::{
    generator::k6::K6,
    prepare::{PrepareError, Prepared},
    results::{Environment, Generator, Run, Sample},
    scenario::{Scenario, Script},
};

/// A run that may begin: the target is ready for it.
pub(crate) struct Ready {
    pub(crate) folder: Folder,
    pub(crate) scenario: Scenario,
    pub(crate) script: Script,
    pub(crate) prepared: Prepared,
}

/// What was seen while the load was on.
pub(crate) struct Loaded {
    pub(crate) generator: Generator,
    pub(crate) began_at: u64,
    pub(crate) ended_at: u64,
    pub(crate) samples: Vec<Sample>,
    pub(crate) room: RoomSeen,
}

impl Ready {
    /// Makes the run's folder, and the target ready for what the script says that it needs.
    pub(crate) async fn make(
        place: &PlaceOptions,
        k6: &K6,
        tested: &Tested,
        script: &Script,
        fault: Option<&str>,
        say: &dyn Fn(&str),
    ) -> Result<Self, RunError> {
        let folder = Folder::make(&place.results, &script.name, fault)?;
        let mut script = script.clone();
        script.settings.extend(told(&folder, fault));
        let scenario = script.inspect(k6).await?;
        say(&format!("\n{}: {}", folder.test_id(), scenario.question));
        let target = tested.target();
        let prepared = Prepared::make(&scenario, &target, folder.test_id()).await?;
        script.settings.insert("ONSALE_GATEWAYS".to_owned(), target.gateways.join(","));
        script.settings.insert("ONSALE_OPERATOR_KEY".to_owned(), target.operator_key.clone());
        script.settings.extend(prepared.settings());
        Ok(Self { folder, scenario, script, prepared })
    }

    /// Sets the room as it was.
    pub(crate) async fn put_back(&mut self) -> Result<(), PrepareError> {
        match self.prepared.guard.take() {
            Some(guard) => guard.put_back().await,
            None => Ok(()),
        }
    }

    /// What was run, for the record.
    pub(crate) fn run(&self, loaded: &Loaded, environment: Environment) -> Result<Run, RunError> {
        let mut settings = self.script.settings.clone();
        settings.extend(self.folder.told_by_script()?);
        // The one opens the admin API, and the other is a place on this machine, which results may leave.
        settings.retain(|name, _| !["ONSALE_OPERATOR_KEY", "RESULTS"].contains(&name.as_str()));
        Ok(Run {
            test_id: self.folder.test_id().to_owned(),
            scenario: self.script.name.clone(),
            question: self.scenario.question.clone(),
            began_at: loaded.began_at,
            ended_at: loaded.ended_at,
            settings,
            offered: self.scenario.offered.clone(),
            calls: self.scenario.calls.clone(),
            proves: self.scenario.proves.clone(),
            generator: loaded.generator.clone(),
            environment,
        })
    }
}

/// What a script is told of its run.
fn told(folder: &Folder, fault: Option<&str>) -> BTreeMap<String, String> {
    let mut told = BTreeMap::from([
        ("TEST_ID".to_owned(), folder.test_id().to_owned()),
        ("RESULTS".to_owned(), folder.path().display().to_string()),
    ]);
    if let Some(fault) = fault {
        told.insert("FAULT".to_owned(), fault.to_owned());
    }
    told
}
