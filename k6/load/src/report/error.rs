use std::{io, path::PathBuf};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what it has to be.
    #[error("{path}: {source}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A folder is neither that of a run nor that of a capacity.
    #[error("{0}: no run.json and no capacity.json there, so that this is no result")]
    NoResult(PathBuf),
    /// A name stands for two results that cannot be told apart.
    #[error("{0} is given twice: write NAME=FOLDER to tell them apart")]
    Twice(String),
    /// A plot could not be drawn.
    #[error("plot {plot}: {reason}")]
    Plot {
        /// Its name.
        plot: String,
        /// What the drawing said.
        reason: String,
    },
    /// A document asks for something that cannot be given.
    #[error("{path}: line {line}: {reason}")]
    Document {
        /// Which document.
        path: PathBuf,
        /// Where in it.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}
