//! What the documents point to is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

const DOCUMENTS: [&str; 7] = [
    "README.md",
    "docs/api.md",
    "docs/architecture.md",
    "docs/operating-a-room.md",
    "docs/problems.md",
    "docs/selling-seats.md",
    "docs/the-houses-data.md",
];
/// Where paths in the text begin.
const FOLDERS: [&str; 7] = ["crates/", "deploy/", "docs/", "gateway/", "proto/", "services/", "tests/"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where the links of a document lead to, but for those to elsewhere.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://")).filter_map(|target| target.split('#').next())
}

/// Paths that a document names as code.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    let code = prose.flat_map(|part| part.split('`').skip(1).step_by(2));
    code.filter(|code| FOLDERS.iter().any(|folder| code.starts_with(folder)) && !code.contains(' '))
}

#[test]
fn every_link_and_every_path_leads_somewhere() {
    let (mut missing, mut count) = (Vec::new(), 0);
    for document in DOCUMENTS {
        let file = root().join(document);
        let text = fs::read_to_string(&file).unwrap();
        let beside = links(&text).map(|link| file.parent().unwrap().join(link));
        for path in beside.chain(paths(&text).map(|path| root().join(path))) {
            count += 1;
            if !path.exists() {
                missing.push(format!("{document}: {}", path.display()));
            }
        }
    }
    assert!(count > 100, "{count}");
    assert!(missing.is_empty(), "{missing:#?}");
}
