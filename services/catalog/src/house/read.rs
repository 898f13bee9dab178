use thiserror::Error;

use super::{
    House, HouseFile, check,
    misfit::{Misfit, Misfits},
};

/// Why a file was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HouseError {
    /// It is no JSON, or not of the file's form.
    #[error("line {line}, column {column}: {misfit}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Where, and what.
        misfit: Misfit,
    },
    /// What it says does not fit together.
    #[error(transparent)]
    Misfits(#[from] Misfits),
}

/// Reads a house's file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<House, HouseError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let file: HouseFile = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = pointer(error.path());
        form(error.inner(), place)
    })?;
    json.end().map_err(|error| form(&error, "the file".to_owned()))?;
    Ok(check::house(&file)?)
}

fn form(error: &serde_json::Error, place: String) -> HouseError {
    let (line, column) = (error.line(), error.column());
    // The driver's text ends with the line and column, which are said first here.
    let said = error.to_string();
    let problem = said.split(" at line ").next().unwrap_or_default().to_owned();
    HouseError::Form { line, column, misfit: Misfit { place, problem } }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let steps = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => "/?".to_owned(),
    });
    let pointer: String = steps.collect();
    if pointer.is_empty() { "the file".to_owned() } else { pointer }
}
