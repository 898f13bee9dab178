use std::fmt::Write as _;

use crate::results::{Check, Outcome, Run, Verdict};

/// How wide names and limits may be before what was seen moves to the right.
const WIDEST: usize = 72;

/// The verdict for a reader at a terminal: validity first.
#[must_use]
pub fn text(run: &Run, verdict: &Verdict) -> String {
    let mut text = String::new();
    for (title, checks) in [
        ("can it be believed?", &verdict.validity),
        ("what was promised", &verdict.objectives),
        ("what always has to hold", &verdict.invariants),
    ] {
        section(&mut text, title, checks);
    }
    // Writing to a string does not fail.
    let _ = write!(text, "\n{}: {}", run.test_id, word(verdict));
    text
}

fn word(verdict: &Verdict) -> String {
    let broken = |checks: &[Check]| {
        checks
            .iter()
            .filter(|check| !check.holds)
            .map(|check| check.name.clone())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match verdict.outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::NotValid => format!("not valid: {}", broken(&verdict.validity)),
        Outcome::Failed => {
            let failed = [broken(&verdict.invariants), broken(&verdict.objectives)];
            let failed: Vec<String> = failed.into_iter().filter(|names| !names.is_empty()).collect();
            let not_valid = broken(&verdict.validity);
            let but =
                if not_valid.is_empty() { String::new() } else { format!("; and not valid: {not_valid}") };
            format!("failed: {}{but}", failed.join(", "))
        }
    }
}

fn section(text: &mut String, title: &str, checks: &[Check]) {
    let _ = writeln!(text, "\n{title}");
    let width = |of: fn(&Check) -> &str| {
        checks.iter().map(|check| of(check).chars().count()).max().unwrap_or(0).min(WIDEST)
    };
    let (names, limits) = (width(|check| &check.name), width(|check| &check.limit));
    for check in checks {
        let mark = if check.holds { "ok  " } else { "NOT " };
        let Check { name, limit, seen, .. } = check;
        let _ = writeln!(text, "  {mark}{name:names$}  {limit:limits$}  {seen}");
    }
}
