//! Every metric and label that a board names exists, and every metric that exists is looked at or left out on purpose.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use onsale_tests::{
    boards::{Board, Query, list, project},
    inventory::Inventory,
};
use serde_json::Value;

use crate::{boards, none, queries};

/// What Prometheus adds to every series, and the bounds of histograms.
const ADDED: [&str; 3] = ["job", "instance", "le"];

fn lines_of(path: &str) -> Vec<String> {
    let text = fs::read_to_string(project().join(path)).unwrap();
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// Metrics of Prometheus, of the exporters and of the load generator, which the boards name.
fn foreign() -> BTreeSet<String> {
    lines_of("grafana/foreign-metrics.txt").into_iter().collect()
}

/// Metrics of the inventory that nobody looks at, with the reason.
fn unused() -> BTreeMap<String, String> {
    let parted = |line: String| {
        let (name, reason) = line.split_once(": ").unwrap_or_else(|| panic!("{line:?} has no reason"));
        (name.to_owned(), reason.to_owned())
    };
    lines_of("grafana/unused-metrics.txt").into_iter().map(parted).collect()
}

/// The text of Prometheus' rules, without comments; none where there are none yet.
fn rules() -> String {
    let Ok(folder) = fs::read_dir(project().join("deploy/prometheus/rules")) else { return String::new() };
    let texts = folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let lines: Vec<String> =
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.into_iter().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

/// The words of a text that could be names of metrics.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).collect()
}

/// What the rules make of other series.
fn recorded(rules: &str) -> BTreeSet<&str> {
    rules
        .lines()
        .filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("record: "))
        .map(str::trim)
        .collect()
}

/// What in a query exists nowhere.
fn unknown(query: &Query, inventory: &Inventory, others: &BTreeSet<String>) -> Vec<String> {
    let uses = query.uses().unwrap();
    let mut unknown = Vec::new();
    let mut ours = true;
    let mut labels: BTreeSet<&str> = ADDED.into();
    for used in &uses {
        if let Some((_, metric)) = inventory.metric_of(&used.metric) {
            let own: Vec<&str> = metric.labels.iter().map(String::as_str).chain(ADDED).collect();
            let missing = used.labels.iter().filter(|label| !own.contains(&label.as_str()));
            unknown.extend(missing.map(|label| format!("{} has no label {label}", used.metric)));
            labels.extend(own);
        } else if others.contains(&used.metric) {
            ours = false;
        } else {
            unknown.push(format!("there is no metric {}", used.metric));
        }
    }
    let groups = query.grouped_by().unwrap();
    unknown.extend(
        groups
            .iter()
            .filter(|by| ours && !labels.contains(by.as_str()))
            .map(|by| format!("nothing has the label {by}")),
    );
    unknown
}

fn others() -> BTreeSet<String> {
    let rules = rules();
    foreign().into_iter().chain(recorded(&rules).into_iter().map(str::to_owned)).collect()
}

#[test]
fn every_name_in_a_board_exists() {
    let (inventory, others) = (Inventory::documented().unwrap(), others());
    let told = |query: &Query| {
        unknown(query, &inventory, &others)
            .iter()
            .map(|what| format!("{}, {}: {what}", query.board, query.panel))
            .collect::<Vec<_>>()
    };
    none(&queries().iter().flat_map(told).collect::<Vec<_>>());
}

#[test]
fn misspelt_names_are_found() {
    let inventory = Inventory::documented().unwrap();
    for misspelt in [
        "sum(rate(onsale_queue_claimd_total[1m]))",
        "http_server_request_duration_seconds",
        "sum by (http_rout) (rate(http_server_request_duration_seconds_count[1m]))",
        r#"onsale_queue_waiting{rom="1"}"#,
        "redis_upp",
    ] {
        let query = Query {
            board: String::new(),
            panel: String::new(),
            written: misspelt.to_owned(),
            legend: String::new(),
        };
        assert_eq!(unknown(&query, &inventory, &foreign()).len(), 1, "{misspelt}");
    }
}

#[test]
fn every_metric_is_looked_at_or_left_out_on_purpose() {
    let (inventory, rules, unused) = (Inventory::documented().unwrap(), rules(), unused());
    let asked: Vec<String> =
        queries().iter().flat_map(|query| query.uses().unwrap()).map(|used| used.metric).collect();
    let in_boards = asked.iter().map(String::as_str);
    let looked_at: BTreeSet<&str> = in_boards
        .chain(words(&rules))
        .filter_map(|series| inventory.metric_of(series).map(|(name, _)| name))
        .collect();
    let forgotten = inventory.names().filter(|name| !looked_at.contains(name) && !unused.contains_key(*name));
    none(
        &forgotten
            .map(|name| format!("{name} is in no board, in no rule, and not in unused-metrics.txt"))
            .collect::<Vec<_>>(),
    );
    let stale = unused
        .keys()
        .filter(|name| looked_at.contains(name.as_str()) || !inventory.names().any(|n| n == *name));
    none(&stale.map(|name| format!("unused-metrics.txt: {name} is used, or is no more")).collect::<Vec<_>>());
}

#[test]
fn no_foreign_metric_is_listed_in_vain() {
    let asked: BTreeSet<String> =
        queries().iter().flat_map(|query| query.uses().unwrap()).map(|used| used.metric).collect();
    let choices: Vec<String> = boards().iter().flat_map(Board::choices).map(str::to_owned).collect();
    let in_vain =
        |name: &String| !asked.contains(name) && !choices.iter().any(|choice| choice.contains(name.as_str()));
    none(&foreign().into_iter().filter(in_vain).collect::<Vec<_>>());
}

/// `label_values(metric{…}, label)` of a variable, as a query for the metric grouped by the label.
fn choice(board: &str, written: &str) -> Option<Query> {
    let (metric, label) = written.strip_prefix("label_values(")?.strip_suffix(')')?.rsplit_once(", ")?;
    Some(Query {
        board: board.to_owned(),
        panel: "variables".to_owned(),
        written: format!("sum by ({label}) ({metric})"),
        legend: String::new(),
    })
}

#[test]
fn variables_choose_among_what_exists() {
    let (inventory, others) = (Inventory::documented().unwrap(), others());
    for board in boards() {
        for written in board.choices() {
            let query = choice(&board.uid, written).unwrap_or_else(|| panic!("{written}"));
            none(&unknown(&query, &inventory, &others));
        }
    }
}

/// The labels that a panel shows by name: those of its legends, and the columns of its table.
fn shown(panel: &Value) -> Vec<(String, String)> {
    let columns = list(&panel["transformations"]).iter().filter(|step| step["id"] == "organize");
    let columns: Vec<&String> =
        columns.flat_map(|step| step["options"]["renameByName"].as_object().unwrap().keys()).collect();
    let mut shown = Vec::new();
    for target in list(&panel["targets"]) {
        let expr = target["expr"].as_str().unwrap();
        let legend = target["legendFormat"].as_str().unwrap_or_default();
        let named = legend
            .split("{{")
            .skip(1)
            .filter_map(|rest| rest.split_once("}}"))
            .map(|(label, _)| label.trim());
        let of_columns = columns.iter().map(|label| label.as_str()).filter(|label| *label != "Value");
        shown.extend(named.chain(of_columns).map(|label| (expr.to_owned(), label.to_owned())));
    }
    shown
}

#[test]
fn what_panels_show_by_name_is_what_they_ask_for() {
    let inventory = Inventory::documented().unwrap();
    for board in boards() {
        for panel in board.panels() {
            for (written, label) in shown(panel) {
                let (panel, legend) = (panel["title"].to_string(), String::new());
                let query = Query { board: board.uid.clone(), panel, written, legend };
                let grouped = query.grouped_by().unwrap();
                let uses = query.uses().unwrap();
                let own = uses
                    .iter()
                    .filter_map(|used| inventory.metric_of(&used.metric))
                    .flat_map(|(_, metric)| &metric.labels);
                let kept: Vec<&str> =
                    own.map(String::as_str).chain(["job", "instance", "le", "rule_group"]).collect();
                let there = if grouped.is_empty() {
                    kept.contains(&label.as_str())
                } else {
                    grouped.contains(&label)
                };
                assert!(there, "{}, {}: {label} is not there: {}", query.board, query.panel, query.written);
            }
        }
    }
}
