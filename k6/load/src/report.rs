//! Reports on runs: one folder with the same content as Markdown and as a page, plots, and every figure for texts to quote.
//!
//! A report says first whether its figures may be believed. A run that may not is marked wherever a figure of it is, and a
//! plot that cannot be drawn says why in its place: nothing is left out without a word.

mod call;
mod comparison;
mod content;
mod document;
mod error;
mod figures;
mod gap;
mod html;
mod language;
mod markdown;
mod number;
mod objective;
mod plateau;
mod plot;
mod rates;
mod reading;
mod search;
mod section;
mod subject;
mod submetric;
mod table;

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use comparison::Comparison;
use content::{Block, Drawing};
pub use document::{DocumentOptions, document};
pub use error::ReportError;
use figures::Figures;
use rates::Ladder;
use reading::Reading;
use search::{AskedSearch, Search};
use subject::{Asked, Subject};

/// What `report` can be told.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Test ids of runs, of searches for capacity and of comparisons, or their folders. `NAME=` before one names it in the report and in figures.json; else a run has the name
    /// of its scenario, or its test id where there are several of that scenario
    #[arg(required = true, value_name = "[NAME=]TEST-ID")]
    pub runs: Vec<String>,

    /// Where the report is written; unless told, `report` in the folder of the run, or in that of all results where there are
    /// several
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,

    /// Compares with a report, or with a run, as ratios
    #[arg(long, value_name = "FOLDER")]
    pub against: Option<PathBuf>,

    /// The folder of all results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub results: PathBuf,
}

/// Writes the report, and says where it is.
///
/// # Errors
/// A folder holds no result, or a file cannot be read, understood or written.
pub fn report(options: &Options) -> Result<ExitCode, ReportError> {
    let asked: Vec<Asked> =
        options.runs.iter().map(|argument| Asked::of(argument, &options.results)).collect();
    let sources = Sources::read(&asked)?;
    let mut figures = sources.figures();
    let against = options.against.as_deref().map(|folder| baseline(folder, &options.results)).transpose()?;
    let blocks = sources.blocks(&mut figures, against.as_ref())?;
    let out = match (&options.out, asked.as_slice()) {
        (Some(folder), _) => folder.clone(),
        (None, [only]) => only.folder.join("report"),
        (None, _) => options.results.join("report"),
    };
    write_all(&out, &sources.title(), &blocks, &figures)?;
    // Nobody reads it on a closed terminal.
    let _ = writeln!(io::stdout(), "{}", out.join("report.html").display());
    Ok(ExitCode::SUCCESS)
}

/// The figures of a stored report, or of a result that is read now; with the name that the reader gave.
fn baseline(folder: &Path, results: &Path) -> Result<(String, Figures), ReportError> {
    let name = folder.display().to_string();
    let asked = Asked::of(&name, results);
    let stored = reading::read(&asked.folder.join("figures.json"))?;
    let figures = if let Some(figures) = stored {
        figures
    } else {
        let sources = Sources::read(&[asked])?;
        let mut figures = sources.figures();
        section::capacity(&sources.searches, &mut figures);
        figures
    };
    Ok((name, figures))
}

/// What a report is about.
struct Sources {
    subjects: Vec<Subject>,
    searches: Vec<Search>,
    comparisons: Vec<Comparison>,
}

impl Sources {
    fn read(asked: &[Asked]) -> Result<Self, ReportError> {
        let (mut runs, mut searches, mut comparisons) = (Vec::new(), Vec::new(), Vec::new());
        for Asked { label, folder } in asked {
            if let Some(comparison) = Comparison::read(label.as_deref(), folder)? {
                comparisons.push(comparison);
                continue;
            }
            match AskedSearch::read(label.clone(), folder)? {
                Some(search) => searches.push(search),
                None => runs.push((label.clone(), Reading::of(folder)?)),
            }
        }
        Ok(Self { subjects: subject::subjects(runs)?, searches: search::searches(searches)?, comparisons })
    }

    fn figures(&self) -> Figures {
        let mut figures = Figures::of(&self.subjects);
        for search in &self.searches {
            if let Some(run) = search.any_run() {
                figures.place(
                    format!("capacity.{}", search.label),
                    &run.run,
                    &["RATE", "DURATION", "WARMUP"],
                );
            }
        }
        figures
    }

    fn title(&self) -> String {
        let runs = self.subjects.iter().map(Subject::marked);
        let searches = self.searches.iter().map(|search| format!("capacity of {}", search.label));
        let comparisons = self.comparisons.iter().map(|comparison| comparison.label.clone());
        format!("Load test: {}", runs.chain(searches).chain(comparisons).collect::<Vec<_>>().join(", "))
    }

    /// The whole report, in its order.
    fn blocks(
        &self,
        figures: &mut Figures,
        against: Option<&(String, Figures)>,
    ) -> Result<Vec<Block>, ReportError> {
        let Self { subjects, searches, comparisons } = self;
        let mut ladders: Vec<Ladder> = searches.iter().map(Search::ladder).collect();
        ladders.extend(rates::of_runs(subjects));
        let mut blocks = vec![Block::heading(1, self.title())];
        blocks.extend(section::trust(subjects, searches, figures));
        blocks.extend(section::environment(subjects, searches, figures));
        if !subjects.is_empty() {
            blocks.extend(section::endpoints(subjects, figures));
        }
        blocks.extend(section::capacity(searches, figures));
        blocks.extend(section::closed(comparisons, figures));
        blocks.extend(section::overload(subjects, figures));
        blocks.extend(section::growth(subjects, figures));
        if !subjects.is_empty() {
            blocks.extend(section::invariants(subjects, figures));
        }
        blocks.extend(plot::plots(subjects, &ladders)?);
        if !subjects.is_empty() {
            blocks.extend(section::faults(subjects, figures));
        }
        if let Some((name, baseline)) = against {
            blocks.extend(section::compared(figures, baseline, name));
        }
        blocks.extend(section::missing(subjects, searches, &blocks));
        Ok(blocks)
    }
}

fn write_all(out: &Path, title: &str, blocks: &[Block], figures: &Figures) -> Result<(), ReportError> {
    let plots = out.join("plots");
    fs::create_dir_all(&plots).map_err(|source| ReportError::File { path: plots.clone(), source })?;
    for block in blocks {
        if let Block::Plot(plot) = block
            && let Drawing::Svg(svg) = &plot.drawing
        {
            write(&plots.join(format!("{}.svg", plot.name)), svg)?;
        }
    }
    write(&out.join("report.md"), &markdown::markdown(blocks))?;
    write(&out.join("report.html"), &html::page(title, blocks))?;
    let path = out.join("figures.json");
    let kept = serde_json::to_string_pretty(figures);
    write(&path, &kept.map_err(|source| ReportError::Content { path: path.clone(), source })?)
}

fn write(path: &Path, text: &str) -> Result<(), ReportError> {
    fs::write(path, text).map_err(|source| ReportError::File { path: path.to_owned(), source })
}
