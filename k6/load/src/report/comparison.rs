use std::path::Path;

use super::{ReportError, reading};
use crate::results::Compared;

/// What a closed loop measured, and the name that it has in a report.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// As it was given, else `wrk`.
    pub(crate) label: String,
    pub(crate) compared: Compared,
}

impl Comparison {
    /// That of a folder; `None` where it holds none.
    pub(crate) fn read(label: Option<&str>, folder: &Path) -> Result<Option<Self>, ReportError> {
        let compared = reading::read(&folder.join("compare.json"))?;
        let label = label.unwrap_or("wrk").to_owned();
        Ok(compared.map(|compared| Self { label, compared }))
    }
}
