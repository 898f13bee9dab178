//! A run that is not valid is marked wherever a figure of it is.

use crate::folder::{FAILURE, Results, TOKEN};

#[test]
fn every_row_and_plot_of_it_is_marked_and_none_of_another_s() {
    let results = Results::new();
    results.make_not_valid(FAILURE);
    let written = results.report(&[TOKEN, FAILURE]);
    let text = written.file("report.md");
    let of = |run: &str, chapter: &str| {
        let chapter = text.split("\n## ").find(|part| part.starts_with(chapter)).unwrap();
        let start = format!("| {run}");
        chapter.lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect::<Vec<_>>()
    };
    for chapter in ["Verdict", "Calls", "Faults"] {
        let rows = of("failure", chapter);
        assert!(!rows.is_empty(), "{chapter} has no row of it");
        assert!(rows.iter().all(|row| row.starts_with("| failure · **not valid** |")), "{rows:?}");
        assert!(of("token", chapter).iter().all(|row| row.starts_with("| token |")));
    }
    assert!(text.starts_with("# Load test: token, failure (not valid)\n"));
    assert!(text.contains("> **failure is not valid: dropped iterations is 81, has to be 0.**"));
    for plot in written.plots() {
        let is_marked = written.file(&format!("plots/{plot}")).contains("NOT VALID");
        assert_eq!(is_marked, plot.contains("failure"), "{plot}");
    }
    let marks = written.file("report.html").matches("<tr class=\"not-valid\">").count();
    assert_eq!(marks, text.lines().filter(|line| line.contains(" · **not valid** |")).count());
}

#[test]
fn its_figures_are_known_not_to_say_anything() {
    let results = Results::new();
    results.make_not_valid(FAILURE);
    let figures = results.report(&[TOKEN, FAILURE]).figures();
    assert_eq!(figures["not_valid"], serde_json::json!(["failure"]));
    assert!(figures["values"]["failure.token.p99_ms"].is_f64());
}

#[test]
fn a_verdict_of_passed_does_not_hide_a_generator_at_fault() {
    let results = Results::new();
    results.make_not_valid(FAILURE);
    results.change(FAILURE, "verdict.json", |verdict| verdict["outcome"] = "passed".into());
    assert!(results.report(&[FAILURE]).file("report.md").contains("**failure is not valid: dropped"));
}
