//! Holds the source tree to the rules of who may import what (docs/architecture.md, and the crates' own pages).
//!
//! cargo-deny knows which crate depends on which; this test knows which folder of a crate does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

mod checker;
mod planted;
mod source;

use checker::{LABELS_BY_HAND, Rule, TEXTS_FOR_GOOD, Violation, check};
use source::Source;

/// Folders without sources of ours.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

fn sources(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push(Source::new(path, &text));
        }
    }
}

#[test]
fn the_sources_keep_the_rules() {
    let mut found = Vec::new();
    sources(&root(), &mut found);
    assert!(found.len() > 50, "only {} sources were found", found.len());

    let violations: Vec<String> =
        found.iter().flat_map(check).map(|violation| violation.to_string()).collect();

    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn who_is_excepted_needs_it() {
    for (path, why) in LABELS_BY_HAND.iter().chain(&TEXTS_FOR_GOOD) {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let elsewhere = check(&Source::new("crates/token/src/lib.rs", &text));
        let needs = |violation: &Violation| matches!(violation.rule, Rule::Labels | Rule::Leak);
        assert!(elsewhere.iter().any(needs), "{path} is excepted for nothing: {why}");
    }
}

#[test]
fn every_broken_rule_is_reported_where_it_is_broken() {
    for plant in planted::BROKEN {
        let violations = check(&Source::new(plant.path, plant.text));
        let seen: Vec<_> = violations.iter().map(|Violation { rule, line, .. }| (*rule, *line)).collect();
        assert_eq!(seen, [(plant.rule, plant.line)], "{}: {}", plant.path, plant.text);
    }
}

#[test]
fn a_file_too_long_is_reported() {
    let long = check(&Source::new("gateway/src/lib.rs", &"\n".repeat(501)));
    assert!(matches!(&long[..], [Violation { rule: Rule::Length, .. }]), "{long:?}");
    assert!(check(&Source::new("gateway/src/lib.rs", &"\n".repeat(500))).is_empty());
}

#[test]
fn what_is_allowed_is_not_reported() {
    for (path, text) in planted::ALLOWED {
        let violations = check(&Source::new(*path, text));
        assert!(violations.is_empty(), "{path}: {text}: {violations:?}");
    }
}
