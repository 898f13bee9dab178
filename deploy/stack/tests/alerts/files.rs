use std::collections::BTreeMap;

use serde::Deserialize;

/// A file of rules, as far as it is looked at.
#[derive(Deserialize)]
pub(crate) struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

/// One that records a metric, or one that alerts.
#[derive(Deserialize)]
pub(crate) struct Rule {
    pub(crate) record: Option<String>,
    pub(crate) alert: Option<String>,
    pub(crate) expr: String,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

impl RuleFile {
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

/// A file of promtool's unit tests, as far as it is looked at.
#[derive(Deserialize)]
pub(crate) struct TestFile {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    alert_rule_test: Vec<Expectation>,
}

/// What an alert is to do at some time.
#[derive(Deserialize)]
pub(crate) struct Expectation {
    pub(crate) alertname: String,
    exp_alerts: Vec<serde_json::Value>,
}

impl TestFile {
    pub(crate) fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.tests.iter().flat_map(|case| &case.alert_rule_test)
    }
}

impl Expectation {
    pub(crate) fn fires(&self) -> bool {
        !self.exp_alerts.is_empty()
    }
}
