//! Whether Grafana's boards are what Grafana takes, can be read by somebody who is tired, ask Prometheus for what there
//! is, and lead where they say. Nothing is started: the committed files are looked at.

#![cfg(test)]

mod expressions;
mod links;
mod names;
mod readable;
mod schema;

use onsale_tests::boards::{Board, Query};

/// The committed boards, of which there are some.
fn boards() -> Vec<Board> {
    let boards = Board::all().unwrap();
    assert!(!boards.is_empty(), "there are no boards");
    boards
}

/// Everything that the boards ask of Prometheus.
fn queries() -> Vec<Query> {
    boards().iter().flat_map(Board::queries).collect()
}

/// Fails with all that was found wrong, one a line.
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
