//! Documents that are written from figures.

use std::{fs, path::PathBuf, process::ExitCode};

use onsale_load::report::{self, DocumentOptions, ReportError};

use crate::{
    folder::{FAILURE, Results, TOKEN, Written, fixtures},
    languages,
};

fn copies(results: &Results) -> Vec<PathBuf> {
    let copy = |name: &str| {
        let to = results.path().join(name);
        fs::copy(fixtures().join(name), &to).unwrap();
        to
    };
    ["README.md", "README.ko.md"].map(copy).into()
}

fn written(documents: &[PathBuf], report: &Written, check: bool) -> Result<bool, ReportError> {
    let figures = report.0.join("figures.json");
    let code = report::document(&DocumentOptions { documents: documents.to_vec(), figures, check })?;
    Ok(code == ExitCode::SUCCESS)
}

#[test]
fn both_documents_get_the_figures_and_say_the_same() {
    let results = Results::new();
    let (documents, report) = (copies(&results), results.report(&[TOKEN, FAILURE]));
    let texts = || documents.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>();
    let before = texts();
    assert!(!written(&documents, &report, true).unwrap(), "the fixtures hold old figures");
    assert_eq!(texts(), before, "a check changes nothing");

    assert!(written(&documents, &report, false).unwrap());
    assert!(written(&documents, &report, true).unwrap());
    let after = texts();
    insta::assert_snapshot!(after.join("\n=====\n"));
    assert_eq!(languages::differences(&after[0], &after[1]), Vec::<String>::new());
}

#[test]
fn a_figure_that_was_changed_by_hand_is_found() {
    let results = Results::new();
    let (documents, report) = (copies(&results), results.report(&[TOKEN, FAILURE]));
    written(&documents, &report, false).unwrap();
    let text = fs::read_to_string(&documents[1]).unwrap();
    fs::write(&documents[1], text.replacen("p99_ms-->", "p99_ms-->1", 1)).unwrap();
    assert!(!written(&documents, &report, true).unwrap());
}

#[test]
fn a_document_that_asks_for_nothing_there_is_names_its_line() {
    let results = Results::new();
    let (documents, report) = (copies(&results), results.report(&[TOKEN]));
    let refused = written(&documents[..1], &report, false);
    let Err(ReportError::Document { line, reason, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((line, reason.as_str()), (7, "there is no figure failure.token.p99_ms"));
}
