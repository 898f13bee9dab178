//! Documents whose figures are written from `figures.json`, so that nobody copies a number by hand.
//!
//! | in the document | what is between |
//! |---|---|
//! | `<!-- figures: NAME -->` … `<!-- end -->` | the table of that name; `lang=ko`, `columns=call,p95,p99` and `rows=token,status` (by the first cell, or by the first of them: `run/call`) choose |
//! | `<!--=KEY-->…<!--/-->` | one figure; `<!--=KEY .1-->` with one decimal, `<!--=KEY/KEY-->` one divided by the other, `<!--=KEY*30-->` by a number or times it |
//!
//! Nothing else in the document is touched. A document whose name ends with `.ko.md` is in Korean.

mod marks;

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::{ReportError, figures::Figures, language::Language, reading};

/// What `document` can be told.
#[derive(Args, Clone, Debug)]
pub struct DocumentOptions {
    /// Markdown files
    #[arg(required = true, value_name = "FILE.md")]
    pub documents: Vec<PathBuf>,

    /// The figures of a report
    #[arg(long, value_name = "FILE")]
    pub figures: PathBuf,

    /// Changes nothing, and fails where a document is not what would be written
    #[arg(long)]
    pub check: bool,
}

/// Writes figures into documents, or checks that they are the same.
///
/// # Errors
/// A file cannot be read or written, or a document names a figure or a table that there is none of.
pub fn document(options: &DocumentOptions) -> Result<ExitCode, ReportError> {
    let figures: Figures = reading::read(&options.figures)?.ok_or_else(|| ReportError::File {
        path: options.figures.clone(),
        source: io::ErrorKind::NotFound.into(),
    })?;
    let mut stale = Vec::new();
    for path in &options.documents {
        let file = |source| ReportError::File { path: path.clone(), source };
        let before = fs::read_to_string(path).map_err(file)?;
        let after = rewritten(path, &before, &figures)?;
        if before == after {
            continue;
        }
        if options.check {
            stale.push(path);
        } else {
            fs::write(path, after).map_err(file)?;
        }
    }
    for path in &stale {
        // Where stderr is closed, the exit code has to do.
        let _ = writeln!(
            io::stderr(),
            "{}: its figures are not those of {}",
            path.display(),
            options.figures.display()
        );
    }
    Ok(if stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rewritten(path: &Path, text: &str, figures: &Figures) -> Result<String, ReportError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let language = if name.ends_with(".ko.md") { Language::Korean } else { Language::English };
    marks::rewrite(text, figures, language).map_err(|wrong| {
        let line = text[..wrong.at].matches('\n').count() + 1;
        ReportError::Document { path: path.to_owned(), line, reason: wrong.reason }
    })
}
