//! The boards against JSON Schemas that were made of Grafana's own types (`grafana/schema`).

use std::fs;

use jsonschema::Validator;
use onsale_tests::boards::project;
use serde_json::{Value, json};

use crate::{boards, none};

fn schema(name: &str) -> Option<Validator> {
    let path = project().join(format!("grafana/schema/{name}.schema.json"));
    let text = fs::read_to_string(path).ok()?;
    Some(jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap())
}

fn wrong(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// What is wrong with the options of a panel, and with the settings of its fields that only its kind has.
fn wrong_panel(panel: &Value) -> Vec<String> {
    let kind = panel["type"].as_str().unwrap();
    let options = schema(&format!("{kind}.options")).unwrap_or_else(|| panic!("no schema of {kind} panels"));
    let mut found = wrong(&options, &panel["options"]);
    let custom = &panel["fieldConfig"]["defaults"]["custom"];
    if custom.is_null() {
        return found;
    }
    if let Some(validator) = schema(&format!("{kind}.custom")) {
        found.extend(wrong(&validator, custom));
    } else {
        found.push(format!("{kind} panels have no settings of fields: {custom}"));
    }
    found
}

#[test]
fn boards_are_what_grafana_takes() {
    let dashboard = schema("dashboard").unwrap();
    for board in boards() {
        none(&wrong(&dashboard, &board.json));
    }
}

#[test]
fn panels_are_what_grafana_takes() {
    for board in boards() {
        for panel in board.panels() {
            let found = wrong_panel(panel)
                .iter()
                .map(|e| format!("{}, {}: {e}", board.uid, panel["title"]))
                .collect::<Vec<_>>();
            none(&found);
        }
    }
}

#[test]
fn a_wrong_key_and_a_wrong_type_of_a_board_are_found() {
    let dashboard = schema("dashboard").unwrap();
    let board = &boards()[0].json;
    let spoilt: [(&str, Value); 4] = [
        ("/refersh", json!("10s")),
        ("/panels/0/tpye", json!("stat")),
        ("/panels/0/gridPos/w", json!("4")),
        ("/templating/list/0/multi", json!("no")),
    ];
    for (pointer, value) in spoilt {
        assert!(!wrong(&dashboard, &with(board, pointer, value)).is_empty(), "{pointer} is taken");
    }
}

#[test]
fn a_wrong_key_and_a_wrong_type_of_every_kind_of_panel_are_found() {
    let boards = boards();
    let mut seen = Vec::new();
    for panel in boards.iter().flat_map(|board| board.panels()) {
        if seen.contains(&&panel["type"]) {
            continue;
        }
        seen.push(&panel["type"]);
        assert!(
            !wrong_panel(&with(panel, "/options/clolor", json!(1))).is_empty(),
            "{}: a wrong key",
            panel["type"]
        );
        let (key, _) = panel["options"].as_object().unwrap().iter().next().unwrap();
        let pointer = format!("/options/{key}");
        assert!(
            !wrong_panel(&with(panel, &pointer, json!([[]]))).is_empty(),
            "{}: a wrong {key}",
            panel["type"]
        );
        // Text asks for nothing, so it has no fields.
        if panel["type"] != "text" {
            let custom = with(panel, "/fieldConfig/defaults/custom", json!({"lineWdith": 1}));
            assert!(!wrong_panel(&custom).is_empty(), "{}: a wrong setting", panel["type"]);
        }
    }
    assert!(seen.len() > 4, "{seen:?}");
}

/// The same, with another value at the pointer.
fn with(value: &Value, pointer: &str, other: Value) -> Value {
    let mut spoilt = value.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    spoilt.pointer_mut(parent).unwrap()[key] = other;
    spoilt
}
