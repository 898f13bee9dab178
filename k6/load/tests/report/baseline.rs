//! A report against a stored one.

use std::fs;

use crate::folder::{FAILURE, Results, TOKEN};

fn compared(text: &str) -> &str {
    text.split("\n## Against").nth(1).unwrap().split("\n## ").next().unwrap()
}

#[test]
fn figures_are_ratios_of_the_baseline_s() {
    let results = Results::new();
    let stored = results.path().join("stored");
    fs::rename(results.report(&[TOKEN]).0, &stored).unwrap();
    results.change(TOKEN, "summary.json", |summary| {
        let values = &mut summary["metrics"]["http_req_duration{name:token}"]["values"];
        values["p(99)"] = (values["p(99)"].as_f64().unwrap() * 2.0).into();
    });
    let written = results.try_report(&[TOKEN], Some(&stored)).unwrap();
    let text = written.file("report.md");
    let chapter = compared(&text);
    assert!(chapter.contains("Same processors"), "{chapter}");
    let ratio = |figure: &str| {
        let row = chapter.lines().find(|line| line.starts_with(&format!("| {figure} |"))).unwrap();
        row.trim_end_matches(" |").rsplit("| ").next().unwrap().to_owned()
    };
    assert_eq!(ratio(r"token.token.p99\_ms"), "2");
    assert_eq!(ratio(r"token.token.p95\_ms"), "1");
    assert_eq!(ratio(r"token.cpu\_ms\_per\_request.all"), "1");
}

#[test]
fn another_machine_or_other_settings_are_named() {
    let results = Results::new();
    let before = format!("token={TOKEN}");
    results.change(FAILURE, "run.json", |run| run["environment"]["processor"] = "another".into());
    let after = format!("token={FAILURE}");
    let written = results.try_report(&[&after], Some(before.as_ref())).unwrap();
    let text = written.file("report.md");
    let chapter = compared(&text);
    assert!(chapter.contains("> **The two are not comparable"), "{chapter}");
    for differs in ["the processor is another, was AMD EPYC", "the generator is k6 1.1.0, was k6 0.57.0"] {
        assert!(chapter.contains(&format!("- token: {differs}")), "{differs}: {chapter}");
    }
}

#[test]
fn runs_of_other_names_are_not_compared_in_silence() {
    let results = Results::new();
    let written = results.try_report(&[TOKEN], Some(FAILURE.as_ref())).unwrap();
    let text = written.file("report.md");
    assert!(compared(&text).contains("No figure is in both"));
    assert!(compared(&text).contains("> **The two are not comparable"));
}
