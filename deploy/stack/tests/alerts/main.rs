//! Holds Prometheus' rules to what is said of them: every alert has a runbook, and unit tests in which it fires and in
//! which it does not; every metric that a rule names is one that something has.
//!
//! Whether the rules are right is for `promtool` to say, which `deploy/test` runs on the files in deploy/prometheus/tests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

mod files;
mod metrics;

use files::{RuleFile, TestFile};

/// Names of metrics that exporters, Prometheus and k6 have.
const FOREIGN: [&str; 17] = [
    "node_cpu_seconds_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "pg_settings_max_connections",
    "pg_stat_activity_count",
    "pg_stat_database_deadlocks",
    "pg_up",
    "process_max_fds",
    "process_open_fds",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_group_interval_seconds",
    "prometheus_rule_group_last_duration_seconds",
    "redis_aof_last_write_status",
    "redis_memory_max_bytes",
    "redis_memory_used_bytes",
    "redis_up",
    "up",
];

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

/// Every file of a folder in deploy/prometheus.
fn all<T: DeserializeOwned>(folder: &str) -> Vec<T> {
    let folder = root().join("deploy/prometheus").join(folder);
    let read = |path: PathBuf| serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let found: Vec<T> = fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap().path())).collect();
    assert!(!found.is_empty());
    found
}

fn alerts() -> BTreeSet<String> {
    let files: Vec<RuleFile> = all("rules");
    let rules = files.iter().flat_map(RuleFile::rules);
    rules.filter_map(|rule| rule.alert.clone()).collect()
}

#[test]
fn every_alert_is_tested_firing_and_not_firing() {
    let mut seen: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    let files: Vec<TestFile> = all("tests");
    for expectation in files.iter().flat_map(TestFile::expectations) {
        seen.entry(expectation.alertname.clone()).or_default().insert(expectation.fires());
    }
    let lacking: Vec<_> = alerts()
        .into_iter()
        .filter(|alert| seen.get(alert).is_none_or(|seen| *seen != BTreeSet::from([false, true])))
        .collect();
    assert!(lacking.is_empty(), "neither or only one of fires and does not: {lacking:?}");
    let unknown: Vec<_> = seen.into_keys().filter(|alert| !alerts().contains(alert)).collect();
    assert!(unknown.is_empty(), "there is no alert {unknown:?}");
}

#[test]
fn every_alert_has_a_runbook_that_says_all_there_is_to_say() {
    let runbooks = fs::read_to_string(root().join("docs/runbooks.md")).unwrap();
    let sections: BTreeMap<String, &str> = runbooks
        .split("\n### ")
        .skip(1)
        .map(|section| section.split_once('\n').unwrap())
        .map(|(name, text)| (name.to_owned(), text.split("\n## ").next().unwrap()))
        .collect();
    assert_eq!(sections.keys().cloned().collect::<BTreeSet<_>>(), alerts());
    for (name, text) in sections {
        for part in ["**Means.**", "**Visitors**", "**Look**", "**Do.**"] {
            assert!(text.contains(part) || (part == "**Do.**" && text.contains("**do**")), "{name}: {part}");
        }
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_where_its_runbook_is() {
    let files: Vec<RuleFile> = all("rules");
    for rule in files.iter().flat_map(RuleFile::rules) {
        let Some(alert) = &rule.alert else { continue };
        let severity = rule.labels.get("severity").map(String::as_str);
        assert!(matches!(severity, Some("critical" | "warning" | "info")), "{alert}: {severity:?}");
        let names: Vec<_> = rule.annotations.keys().map(String::as_str).collect();
        assert_eq!(names, ["description", "runbook_url", "summary"], "{alert}");
        let runbook = format!("docs/runbooks.md#{}", alert.to_lowercase());
        assert_eq!(rule.annotations["runbook_url"], runbook);
    }
}

#[test]
fn every_metric_in_a_rule_is_one_that_something_has() {
    let files: Vec<RuleFile> = all("rules");
    let rules: Vec<_> = files.iter().flat_map(RuleFile::rules).collect();
    let mut known: BTreeSet<String> = rules.iter().filter_map(|rule| rule.record.clone()).collect();
    known.extend(FOREIGN.map(str::to_owned));
    let inventory = metrics::inventory(&fs::read_to_string(root().join("docs/observability.md")).unwrap());
    assert!(inventory.len() > 50, "only {} metrics are in the inventory", inventory.len());
    known.extend(inventory);
    let named: BTreeSet<_> = rules.iter().flat_map(|rule| metrics::named(&rule.expr)).collect();
    assert!(named.contains("onsale_queue_waiting"), "{named:?}");
    let is_known = |name: &str| known.contains(name) || known.contains(metrics::family(name));
    let unknown: Vec<_> = named.iter().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_names_of_an_expression_are_those_of_its_metrics() {
    let named =
        metrics::named("a:b:sum > on (room) 0.5 * sum by (le) (rate(c_bucket{d=\"e\"}[1m])) unless up == 0");
    assert_eq!(named, BTreeSet::from(["a:b:sum", "c_bucket", "up"].map(str::to_owned)));
    assert_eq!(metrics::family("c_bucket"), "c");
    assert_eq!(metrics::family("c_total"), "c_total");
}
