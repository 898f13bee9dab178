//! The board of load runs, asked about a run: the generator's half and the servers' have lines over its time.

use std::{collections::BTreeSet, time::Duration};

use onsale_load::results::{Run, Series};
use onsale_stack::{Prometheus, until};
use onsale_tests::boards::{Board, Query, Variables};
use serde_json::Value;

use crate::world::World;

/// For the last scrape.
const PATIENCE: Duration = Duration::from_secs(30);

/// Every panel of the board has a line over the run's time; nothing of the generator has one for a run that was not.
pub(crate) async fn shows(world: &World, run: &Run) {
    let prometheus = &world.stack.observers.as_ref().unwrap().prometheus;
    let boards = Board::all().unwrap();
    let board = boards.iter().find(|board| board.uid == "onsale-load").unwrap();
    let queries = board.queries();
    let of_load = queries.iter().filter(|query| query.of_load().unwrap()).count();
    assert!(of_load > 10 && queries.len() > of_load + 5, "{of_load} of {}", queries.len());
    let empty = || async {
        let mut empty = Vec::new();
        for query in &queries {
            if values(prometheus, query, run, &run.test_id).await == 0 {
                empty.push(format!("{}: {}", query.panel, query.written));
            }
        }
        empty
    };
    let all_show = until(PATIENCE, || async { empty().await.is_empty().then_some(()) }).await;
    assert!(all_show.is_some(), "nothing is shown of {} by\n{}", run.test_id, empty().await.join("\n"));
    for query in queries.iter().filter(|query| query.of_load().unwrap()) {
        assert_eq!(values(prometheus, query, run, "no-such-run").await, 0, "{}", query.written);
    }
}

/// How many values a panel shows of a run.
async fn values(prometheus: &Prometheus, query: &Query, run: &Run, test_id: &str) -> usize {
    let variables = Variables { rate_interval: Duration::from_secs(15), range: Duration::from_mins(5) };
    let expression = variables.fill_in(&query.written.replace("$testid", test_id));
    let [from, to] = [run.began_at, run.ended_at].map(|at| format!("{}.{:03}", at / 1000, at % 1000));
    let range = [("query", expression.as_str()), ("start", &from), ("end", &to), ("step", "1")];
    let answer =
        prometheus.api("query_range", &range).await.unwrap_or_else(|error| panic!("{expression}: {error}"));
    let lines = answer["result"].as_array().unwrap();
    let is_value = |pair: &&Value| pair[1] != "NaN";
    lines.iter().map(|line| line["values"].as_array().unwrap().iter().filter(is_value).count()).sum()
}

/// What the run kept of Prometheus: the generator and the servers at the same instants, all of them in the run.
pub(crate) fn is_on_one_axis(series: &Series, run: &Run) {
    let instants = |name: &str| -> BTreeSet<u64> {
        let lines = series.lines.get(name).unwrap_or_else(|| panic!("no {name}"));
        lines.iter().flat_map(|line| &line.values).map(|(at, _)| *at).collect()
    };
    let client = instants("client_rate");
    for name in [
        "client_p99",
        "client_iterations",
        "client_vus",
        "server_rate",
        "server_p99",
        "in_flight",
        "room_view_age",
        "keys",
        "rows",
    ] {
        let common = instants(name).intersection(&client).count();
        assert!(common > 0, "{name} is on another axis: {:?}, {client:?}", instants(name));
    }
    let all: BTreeSet<u64> = series.lines.keys().flat_map(|name| instants(name)).collect();
    assert!(all.iter().all(|at| (run.began_at..=run.ended_at).contains(at)), "{all:?}");
    let first = all.first().unwrap();
    assert!(all.iter().all(|at| (at - first).is_multiple_of(1000)), "{all:?}");
}
