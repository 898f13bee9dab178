//! Where boards lead, and what Grafana is told of them.

use std::fs;

use onsale_tests::boards::{list, project};
use serde_json::Value;

use crate::boards;

const TEMPO: &str = "onsale-tempo";

fn file(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap()
}

/// The links of a panel's fields.
fn links(panel: &Value) -> &[Value] {
    list(&panel["fieldConfig"]["defaults"]["links"])
}

#[test]
fn panels_of_durations_lead_to_traces() {
    for board in boards() {
        for panel in board.panels() {
            for link in links(panel) {
                let url = link["url"].as_str().unwrap();
                assert!(url.starts_with("/explore?") && url.contains(TEMPO), "{}: {url}", panel["title"]);
                assert!(url.contains("${__from}") && url.contains("${__to}"), "{}: {url}", panel["title"]);
            }
            let served = list(&panel["targets"]).iter().filter_map(|target| target["expr"].as_str());
            let is_of_requests = |expr: &str| {
                expr.contains("histogram_quantile")
                    && ["http_server_request", "rpc_server_call", "rpc_client_call"]
                        .iter()
                        .any(|name| expr.contains(name))
            };
            assert!(
                !served.clone().any(is_of_requests) || !links(panel).is_empty(),
                "{}: {} leads to no trace",
                board.uid,
                panel["title"]
            );
        }
    }
}

#[test]
fn boards_lead_to_one_another() {
    for board in boards() {
        let to_others = list(&board.json["links"])
            .iter()
            .any(|link| link["tags"][0] == "onsale" && link["type"] == "dashboards");
        assert!(to_others && board.json["tags"][0] == "onsale", "{}", board.uid);
    }
}

#[test]
fn what_is_provisioned_is_what_the_boards_name() {
    let sources = file("grafana/provisioning/datasources/onsale.yaml");
    for uid in ["onsale-prometheus", TEMPO] {
        assert!(sources.contains(&format!("uid: {uid}\n")), "{uid} is not provisioned");
    }
    for board in boards() {
        let chosen = &board.json["templating"]["list"][0];
        assert_eq!(chosen["type"], "datasource");
        assert_eq!(chosen["current"]["value"], "onsale-prometheus");
    }
}
