//! A search for capacity in a report.

use std::fs;

use onsale_load::results::{BoundBy, Capacity, Found, Held, Measured, Phase, ProcessUse, Spread, Step, Use};

use crate::folder::{Results, TOKEN};

const SEARCH: &str = "capacity-token-20261122-120000-cccc";

fn step(phase: Phase, rate: f64, p99: f64, outcome: Held) -> Step {
    let achieved = Some(rate.min(820.0));
    let measured =
        Measured { test_id: TOKEN.to_owned(), outcome, achieved, p95_ms: Some(p99 / 3.0), p99_ms: Some(p99) };
    Step { phase, rate, measured }
}

fn failed(why: &str, is_invariant: bool) -> Held {
    Held::Failed { why: why.to_owned(), is_invariant }
}

/// A search whose highest rate held in each of five repeats.
fn search() -> Capacity {
    let gave_up = Held::GeneratorGaveUp { why: "dropped iterations is 812, has to be 0".to_owned() };
    let mut steps = vec![
        step(Phase::Ramp, 200.0, 12.0, Held::Held),
        step(Phase::Ramp, 400.0, 19.0, Held::Held),
        step(Phase::Ramp, 800.0, 88.0, Held::Held),
        step(Phase::Ramp, 1_600.0, 4_100.0, gave_up),
        step(Phase::Staircase, 880.0, 410.0, failed("token p(99) is 410 ms, has to be < 250 ms", false)),
    ];
    steps.extend([81.0, 95.0, 90.0, 84.0, 102.0].map(|p99| step(Phase::Repeat, 800.0, p99, Held::Held)));
    let found = Found::Highest {
        rate: 800.0,
        is_at_least: false,
        held: 5,
        repeats: 5,
        achieved: Spread::of([799.2, 799.9, 800.0, 799.7, 799.8]),
        p99_ms: Spread::of([81.0, 95.0, 90.0, 84.0, 102.0]),
    };
    let process = |name: &str, found, above| ProcessUse {
        name: name.to_owned(),
        processors: Use { found: Some(found), above: Some(above) },
    };
    let bound_by = BoundBy {
        sentence: "the machine's two processors: 97 % busy, gateway 0.74, k6 0.58, redis 0.22".to_owned(),
        machine_busy: Use { found: Some(0.91), above: Some(0.97) },
        processors: 2,
        processes: vec![process("gateway", 0.7, 0.74), process("k6", 0.5, 0.58), process("redis", 0.2, 0.22)],
    };
    Capacity {
        test_id: SEARCH.to_owned(),
        endpoint: "token".to_owned(),
        generator: "k6".to_owned(),
        seconds: 60.0,
        repeats: 5,
        steps,
        found: Some(found),
        bound_by: Some(bound_by),
    }
}

/// Writes a search beside the runs of its steps.
fn results(search: &Capacity) -> Results {
    let results = Results::new();
    fs::create_dir_all(results.run(SEARCH)).unwrap();
    fs::write(results.run(SEARCH).join("capacity.json"), serde_json::to_string(search).unwrap()).unwrap();
    results
}

#[test]
fn the_highest_rate_its_repeats_and_what_bound_it_are_told_with_every_step() {
    let results = results(&search());
    let written = results.report(&[SEARCH]);
    insta::assert_snapshot!(written.file("report.md"));
    let figures = written.figures();
    assert_eq!(figures["values"]["capacity.token.rate_per_second"], 800.0);
    assert_eq!(figures["values"]["capacity.token.p99_ms.highest"], 102.0);
    // Of the gateway and Redis, and not of k6.
    for (key, processors) in [("servers_cpu_ms_per_request", 0.7 + 0.2), ("cpu_ms_per_request.redis", 0.2)] {
        let each = figures["values"][format!("capacity.token.{key}")].as_f64().unwrap();
        assert!((each - 1_000.0 * processors / 799.8).abs() < 1e-9, "{key}: {each}");
    }
    assert_eq!(written.plots(), ["goodput-by-rate-capacity-token.svg", "latency-by-rate-capacity-token.svg"]);
}

#[test]
fn a_rate_that_the_generator_gave_out_beyond_is_said_to_be_a_lower_bound() {
    let mut search = search();
    if let Some(Found::Highest { is_at_least, .. }) = &mut search.found {
        *is_at_least = true;
    }
    let results = results(&search);
    let text = results.report(&[SEARCH]).file("report.md");
    assert!(text.contains("| token | k6 | at least 800 |"), "{text}");
    assert!(text.contains("> **The capacity of token is at least what is said"));
}

#[test]
fn a_search_that_found_nothing_or_is_not_over_says_so() {
    let mut search = search();
    search.bound_by = None;
    search.found = None;
    let unfinished = results(&search);
    assert!(unfinished.report(&[SEARCH]).file("report.md").contains("| the search is not over |"));
    search.found = Some(Found::None { why: "too slow at 1/s".to_owned() });
    let nothing = results(&search);
    assert!(nothing.report(&[SEARCH]).file("report.md").contains("| no rate held: too slow at 1/s |"));
}

#[test]
fn a_broken_invariant_in_a_step_comes_first() {
    let mut search = search();
    search.steps.push(step(
        Phase::Bisect,
        840.0,
        100.0,
        failed("I5 in the stores: seat 7 is sold twice", true),
    ));
    let results = results(&search);
    let text = results.report(&[SEARCH]).file("report.md");
    let warning = text.find("an invariant is broken: I5 in the stores").unwrap();
    assert!(warning < text.find("## Environment").unwrap());
}

#[test]
fn capacities_are_compared_with_a_baseline_s() {
    let results = results(&search());
    let stored = results.path().join("stored");
    fs::rename(results.report(&[SEARCH]).0, &stored).unwrap();
    let mut faster = search();
    if let Some(Found::Highest { rate, .. }) = &mut faster.found {
        *rate = 1_200.0;
    }
    fs::write(results.run(SEARCH).join("capacity.json"), serde_json::to_string(&faster).unwrap()).unwrap();
    let text = results.try_report(&[SEARCH], Some(&stored)).unwrap().file("report.md");
    assert!(text.contains(r"| capacity.token.rate\_per\_second | 1,200 | 800 | 1.50 |"), "{text}");
}
