//! What a reader needs of every panel: what it says, in which unit, and what it means that nothing is shown.

use std::collections::BTreeSet;

use onsale_tests::boards::{Board, list};
use serde_json::Value;

use crate::{boards, none};

/// What a panel lacks.
fn lacks(panel: &Value) -> Vec<&'static str> {
    let text = |pointer: &str| panel.pointer(pointer).and_then(Value::as_str).unwrap_or_default().len();
    let asks = panel["type"] != "text";
    let mut lacks = Vec::new();
    let mut must = |there: bool, what| {
        if !there {
            lacks.push(what);
        }
    };
    must(text("/title") > 0, "a title");
    must(text("/description") >= 25, "a description that says something");
    must(!asks || text("/fieldConfig/defaults/unit") > 0, "a unit");
    must(!asks || text("/fieldConfig/defaults/noValue") > 0, "a text for when there is nothing");
    must(
        !asks || panel["fieldConfig"]["defaults"]["thresholds"].is_object(),
        "thresholds, or that it has none",
    );
    must(!asks || !list(&panel["targets"]).is_empty(), "a query");
    must(!asks || panel["datasource"]["uid"] == "${datasource}", "the variable data source");
    lacks
}

#[test]
fn every_panel_says_what_it_is() {
    for board in boards() {
        let lacking = |panel: &&Value| {
            let found = lacks(panel);
            (!found.is_empty())
                .then(|| format!("{}, {} lacks {}", board.uid, panel["title"], found.join(", ")))
        };
        none(&board.panels().iter().filter_map(lacking).collect::<Vec<_>>());
    }
}

#[test]
fn a_panel_that_says_nothing_is_found() {
    let board = &boards()[0];
    for pointer in ["/description", "/fieldConfig/defaults/unit", "/fieldConfig/defaults/noValue", "/targets"]
    {
        let mut panel = board.panels()[0].clone();
        assert!(lacks(&panel).is_empty());
        *panel.pointer_mut(pointer).unwrap() = Value::Null;
        assert_eq!(lacks(&panel).len(), 1, "{pointer}");
    }
}

#[test]
fn every_board_can_be_told_from_the_others() {
    let boards = boards();
    let titles: BTreeSet<_> = boards.iter().map(|board| board.json["title"].as_str().unwrap()).collect();
    let uids: BTreeSet<_> = boards.iter().map(|board| &board.uid).collect();
    assert_eq!(titles.len(), boards.len());
    assert_eq!(uids.len(), boards.len());
    for board in &boards {
        assert_eq!(board.uid, board.file, "the file is named by the board's uid");
        assert!(board.uid.starts_with("onsale-"));
    }
}

#[test]
fn every_panel_has_a_number_of_its_own() {
    for board in boards() {
        let ids: Vec<_> = ids(&board);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{}: {ids:?}", board.uid);
        assert!(ids.iter().all(|id| *id > 0), "{}: {ids:?}", board.uid);
    }
}

fn ids(board: &Board) -> Vec<i64> {
    let rows = list(&board.json["panels"]).iter().filter(|panel| panel["type"] == "row");
    rows.chain(board.panels()).map(|panel| panel["id"].as_i64().unwrap()).collect()
}

/// Panels that lie on one another are a mistake in a width: Grafana would move one of them somewhere.
#[test]
fn panels_fill_rows_of_their_own() {
    for board in boards() {
        let mut taken = BTreeSet::new();
        for panel in list(&board.json["panels"]) {
            let place = |key: &str| panel["gridPos"][key].as_i64().unwrap_or_default();
            assert!(place("x") + place("w") <= 24, "{}: {} is too wide", board.uid, panel["title"]);
            for (x, y) in (place("x")..place("x") + place("w"))
                .flat_map(|x| (place("y")..place("y") + place("h")).map(move |y| (x, y)))
            {
                assert!(taken.insert((x, y)), "{}: {} lies on another", board.uid, panel["title"]);
            }
        }
    }
}

/// Every board begins with few numbers, and tells how it is read.
#[test]
fn boards_begin_with_few_numbers_and_a_page_on_reading_them() {
    for board in boards() {
        let panels = list(&board.json["panels"]);
        let numbers = panels.iter().take_while(|panel| panel["type"] == "stat").count();
        assert!((4..=8).contains(&numbers), "{} begins with {numbers} numbers", board.uid);
        assert_eq!(panels[numbers]["title"], "How to read this board", "{}", board.uid);
    }
}
