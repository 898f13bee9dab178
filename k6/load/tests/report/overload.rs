//! An overload in a report, and what a closed loop measured.

use std::fs;

use onsale_load::{
    generator::wrk::Closed,
    results::{Compared, Moment, Overload, Part, Run},
};

use crate::folder::{Results, TOKEN};

const COMPARISON: &str = "compare-20261123-120000-dddd";

fn part(due: f64, good: f64, refused: f64) -> Part {
    let refused_p99_ms = (refused > 0.0).then_some(12.0);
    Part { seconds: 1.0, due, answered: due, good, refused, refused_p99_ms, ..Part::default() }
}

fn overload() -> Overload {
    let moments = [(100.0, 0.0), (100.0, 0.0), (180.0, 420.0), (180.0, 420.0), (100.0, 0.0), (100.0, 0.0)];
    let moment = |(nth, (good, refused)): (u32, (f64, f64))| Moment {
        at: f64::from(nth) / 2.0,
        good,
        late: 0.0,
        refused,
        failed: 0.0,
    };
    Overload {
        endpoint: "hold".to_owned(),
        capacity: 200.0,
        factor: 3.0,
        in_time_ms: 300.0,
        before: part(100.0, 100.0, 0.0),
        during: part(600.0, 180.0, 420.0),
        after: part(100.0, 100.0, 0.0),
        probed: Some(Part { refused_p99_ms: Some(9.0), ..part(10.0, 3.0, 7.0) }),
        recovered_seconds: Some(0.3),
        refusals_read: 420,
        refusals_without_time: 0,
        course: (0..).zip(moments).map(moment).collect(),
    }
}

#[test]
fn an_overload_is_told_with_its_course() {
    let results = Results::new();
    fs::write(results.run(TOKEN).join("overload.json"), serde_json::to_string(&overload()).unwrap()).unwrap();
    let written = results.report(&[&format!("three={TOKEN}")]);
    let text = written.file("report.md");
    assert!(text.contains("| three | 3 | 600 | 180 | 0 | 420 | 0 | 90 | 9 | 12 | 0.3"), "{text}");
    let figures = written.figures();
    assert_eq!(figures["values"]["three.overload.in_time_percent"], 90.0);
    assert_eq!(figures["values"]["three.overload.refused_p99_ms"], 9.0);
    assert_eq!(figures["values"]["three.overload.refused_p99_of_all_ms"], 12.0);
    assert!(written.plots().contains(&"overload-three.svg".to_owned()), "{:?}", written.plots());
    assert!(written.file("plots/overload-three.svg").contains("told to come back"));

    let other = results.report(&[TOKEN]);
    assert!(other.file("report.md").contains("## Overload"));
    fs::remove_file(results.run(TOKEN).join("overload.json")).unwrap();
    assert!(!results.report(&[TOKEN]).file("report.md").contains("## Overload"));
}

#[test]
fn a_closed_loop_is_told_with_its_range_and_is_no_capacity() {
    let results = Results::new();
    let run: Run =
        serde_json::from_str(&fs::read_to_string(results.run(TOKEN).join("run.json")).unwrap()).unwrap();
    let round = |rate: f64, p99_ms: f64| Closed {
        requests: 100_000,
        seconds: 10.0,
        rate,
        refused: 0,
        unanswered: 1,
        p50_ms: 2.0,
        p90_ms: 3.0,
        p95_ms: 4.0,
        p99_ms,
        max_ms: 30.0,
    };
    let rounds = [(9_000.0, 7.0), (11_000.0, 5.0), (10_000.0, 6.0)].map(|(rate, p99)| round(rate, p99));
    let compared = Compared {
        version: "4.1.0".to_owned(),
        connections: 32,
        calls: [("token".to_owned(), rounds.to_vec())].into(),
        environment: run.environment,
    };
    fs::create_dir_all(results.run(COMPARISON)).unwrap();
    let kept = serde_json::to_string(&compared).unwrap();
    fs::write(results.run(COMPARISON).join("compare.json"), kept).unwrap();
    let written = results.report(&[COMPARISON]);
    let text = written.file("report.md");
    assert!(text.contains("| token | 3 | 10,000 | 9,000 | 11,000 | 2 | 6 | 3 |"), "{text}");
    assert_eq!(written.figures()["values"]["wrk.token.requests_per_second"], 10_000.0);
}
