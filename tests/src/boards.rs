//! Grafana's boards, as the queries that they make.

mod query;
mod variables;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

pub use query::{Query, QueryError, Use};
pub use variables::Variables;

/// A board, as it is committed.
#[derive(Clone, Debug)]
pub struct Board {
    /// The name of its file, without its ending.
    pub file: String,
    /// The address by which Grafana knows it.
    pub uid: String,
    /// All of it.
    pub json: Value,
}

/// Why the boards cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// A file or the folder cannot be read.
    #[error("read {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// A file is no JSON.
    #[error("parse {path}")]
    Json {
        /// Which one.
        path: PathBuf,
        /// Where it ends to be JSON.
        source: serde_json::Error,
    },
}

impl Board {
    /// Every board of the folder, in the order of their names.
    ///
    /// # Errors
    /// Where the folder or one of its files cannot be read.
    pub fn all() -> Result<Vec<Self>, BoardError> {
        let folder = project().join("grafana/dashboards");
        let unreadable = |source| BoardError::File { path: folder.clone(), source };
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .map_err(unreadable)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<_, _>>()
            .map_err(unreadable)?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self, BoardError> {
        let text =
            fs::read_to_string(path).map_err(|source| BoardError::File { path: path.to_owned(), source })?;
        let json: Value = serde_json::from_str(&text)
            .map_err(|source| BoardError::Json { path: path.to_owned(), source })?;
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let uid = json["uid"].as_str().unwrap_or_default().to_owned();
        Ok(Self { file, uid, json })
    }

    /// Its panels, those in closed rows too; the rows themselves are not among them.
    #[must_use]
    pub fn panels(&self) -> Vec<&Value> {
        let mut panels = Vec::new();
        for panel in list(&self.json["panels"]) {
            if panel["type"] == "row" {
                panels.extend(list(&panel["panels"]));
            } else {
                panels.push(panel);
            }
        }
        panels
    }

    /// What its panels ask of Prometheus.
    #[must_use]
    pub fn queries(&self) -> Vec<Query> {
        let asked = |panel: &Value| {
            let title = panel["title"].as_str().unwrap_or_default().to_owned();
            list(&panel["targets"])
                .iter()
                .filter_map(|target| Some((target["expr"].as_str()?, &target["legendFormat"])))
                .map(move |(written, legend)| Query {
                    board: self.uid.clone(),
                    panel: title.clone(),
                    written: written.to_owned(),
                    legend: legend.as_str().unwrap_or_default().to_owned(),
                })
                .collect::<Vec<_>>()
        };
        self.panels().into_iter().flat_map(asked).collect()
    }

    /// What its variables ask of Prometheus, such as `label_values(onsale_queue_waiting, room)`.
    #[must_use]
    pub fn choices(&self) -> Vec<&str> {
        let variables = list(&self.json["templating"]["list"]);
        variables.iter().filter_map(|variable| variable["query"]["query"].as_str()).collect()
    }
}

/// The elements of a JSON list; none where there is no list.
#[must_use]
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The project's folder.
#[must_use]
pub fn project() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
