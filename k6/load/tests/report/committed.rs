//! The report of this system says what was measured, and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use onsale_load::report::{self, DocumentOptions};
use pulldown_cmark::{Event, Parser, Tag};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/load-test")
}

fn documents() -> [PathBuf; 2] {
    ["README.md", "README.ko.md"].map(|name| folder().join(name))
}

#[test]
fn its_documents_have_the_figures_that_were_measured() {
    let figures = folder().join("figures.json");
    let options = DocumentOptions { documents: documents().to_vec(), figures, check: true };
    assert_eq!(report::document(&options).unwrap(), ExitCode::SUCCESS, "k6/measure report writes them");
}

#[test]
fn what_its_documents_show_and_name_is_there() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for event in Parser::new(&text) {
            let Event::Start(Tag::Image { dest_url, .. } | Tag::Link { dest_url, .. }) = event else {
                continue;
            };
            let is_elsewhere = dest_url.starts_with("http") || dest_url.starts_with('#');
            assert!(is_elsewhere || folder().join(&*dest_url).exists(), "{}: {dest_url}", document.display());
        }
    }
}
