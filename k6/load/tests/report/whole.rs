//! The whole report, as it is read.

use std::fs;

use onsale_load::report::ReportError;

use crate::folder::{FAILURE, Results, TOKEN};

#[test]
fn two_runs_are_reported_in_the_order_of_a_reader_s_questions() {
    let results = Results::new();
    let written = results.report(&[TOKEN, FAILURE]);
    insta::assert_snapshot!(written.file("report.md"));
}

#[test]
fn every_figure_that_a_text_may_quote_is_there() {
    let results = Results::new();
    let figures = results.report(&[TOKEN, FAILURE]).figures();
    insta::assert_json_snapshot!(figures["values"]);
}

#[test]
fn the_plots_are_files_and_the_text_shows_each() {
    let results = Results::new();
    let written = results.report(&[TOKEN, FAILURE]);
    let text = written.file("report.md");
    for plot in written.plots() {
        assert!(text.contains(&format!("(plots/{plot})")), "{plot} is not shown");
    }
    assert_eq!(text.matches("(plots/").count(), written.plots().len());
}

/// Of a long run each fifth second is asked for: its lines are lines, and a value that stands alone is a dot.
#[test]
fn lines_are_drawn_however_far_apart_their_values_are() {
    let results = Results::new();
    let drawn = |what: &str| {
        let plot = results.report(&[FAILURE]).file("plots/over-time-failure.svg");
        plot.matches(what).count()
    };
    let p95 = r##"<polyline fill="none" opacity="1" stroke="#0072B2""##;
    assert_eq!((drawn(p95), drawn("<circle")), (3, 0));

    results.change(FAILURE, "series.json", |series| {
        series["step_seconds"] = 5.0.into();
        for line in series["lines"]["client_p95"].as_array_mut().unwrap() {
            let values = line["values"].as_array_mut().unwrap();
            *values = values.iter().step_by(5).cloned().collect();
        }
    });
    assert_eq!((drawn(p95), drawn("<circle")), (3, 0));

    results.change(FAILURE, "series.json", |series| {
        series["lines"]["client_p95"][0]["values"].as_array_mut().unwrap().truncate(1);
    });
    assert_eq!((drawn(p95), drawn("<circle")), (2, 1));
}

/// Behind what stands still no call fails, and no visitor sees anything.
#[test]
fn a_gap_is_as_long_as_the_slowest_answer_at_least() {
    let results = Results::new();
    let gap = || results.report(&[FAILURE]).figures()["values"]["failure.longest_gap_s"].clone();
    assert_eq!(gap(), 4.125);
    results.change(FAILURE, "summary.json", |summary| {
        summary["metrics"]["http_req_duration{name:token}"]["values"]["max"] = 4_950.0.into();
    });
    assert_eq!(gap(), 4.95);
}

#[test]
fn what_is_missing_is_said_and_the_rest_is_shown() {
    let results = Results::new();
    for file in
        ["summary.json", "samples.jsonl", "events.jsonl", "series.json", "findings.json", "verdict.json"]
    {
        fs::remove_file(results.run(FAILURE).join(file)).unwrap();
    }
    let written = results.report(&[FAILURE]);
    let text = written.file("report.md");
    assert!(written.plots().is_empty());
    // Seven of each run, and two that need several rates.
    assert_eq!(text.matches("** Not drawn: ").count(), 9);
    let missing = text.split("## What is missing").nth(1).unwrap();
    for what in
        ["summary.json", "samples.jsonl", "events.jsonl", "series.json", "findings.json", "verdict.json"]
    {
        assert!(missing.contains(&format!("failure {what}")), "{what} is not said to be missing");
    }
    assert!(text.contains("**failure is not valid: nobody judged it.**"));
}

#[test]
fn a_line_that_was_cut_off_is_no_reason_to_give_up() {
    let results = Results::new();
    let path = results.run(FAILURE).join("samples.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 40]).unwrap();
    let written = results.report(&[FAILURE]);
    assert!(written.file("report.md").contains("failure samples.jsonl: the last line is cut off"));

    fs::write(&path, text.replacen('{', "", 1)).unwrap();
    assert!(matches!(results.try_report(&[FAILURE], None), Err(ReportError::Content { .. })));
}

#[test]
fn what_is_no_result_is_refused() {
    let results = Results::new();
    assert!(matches!(results.try_report(&["nothing"], None), Err(ReportError::NoResult(_))));
    let twice = ["a=".to_owned() + TOKEN, "a=".to_owned() + FAILURE];
    let refused = results.try_report(&[&twice[0], &twice[1]], None);
    assert!(matches!(refused, Err(ReportError::Twice(name)) if name == "a"));
}
