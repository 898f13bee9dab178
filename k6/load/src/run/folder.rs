use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use time::{OffsetDateTime, macros::format_description};

use crate::results::{Sample, Summary};

/// The folder of a run's results.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    test_id: String,
}

/// The results cannot be kept, or read.
#[derive(Debug, thiserror::Error)]
#[error("{path}")]
pub struct FolderError {
    path: PathBuf,
    source: io::Error,
}

impl Folder {
    /// Makes the folder of a run that begins now, with a name of its own.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn make(results: &Path, scenario: &str, fault: Option<&str>) -> Result<Self, FolderError> {
        let fault = fault.map(|fault| format!("-{fault}")).unwrap_or_default();
        let instant = OffsetDateTime::now_utc()
            .format(format_description!("[year][month][day]-[hour][minute][second]"));
        // Two runs may begin in one second.
        let test_id =
            format!("{scenario}{fault}-{}-{:04x}", instant.unwrap_or_default(), rand::random::<u16>());
        let path = results.join(&test_id);
        let made = fs::create_dir_all(&path).and_then(|()| fs::canonicalize(&path));
        Ok(Self { path: made.map_err(at(&path))?, test_id })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's name.
    #[must_use]
    pub fn test_id(&self) -> &str {
        &self.test_id
    }

    /// Keeps something under a file's name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&self, name: &str, what: &impl Serialize) -> Result<(), FolderError> {
        let path = self.path.join(name);
        let text = serde_json::to_string_pretty(what).map_err(io::Error::from);
        text.and_then(|text| fs::write(&path, text + "\n")).map_err(at(&path))
    }

    /// What k6 has summed up; none where it did not come to that.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn summary(&self) -> Result<Option<Summary>, FolderError> {
        self.read("summary.json")
    }

    /// The settings that the script has used, its own defaults among them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn told_by_script(&self) -> Result<BTreeMap<String, String>, FolderError> {
        let settings: Option<BTreeMap<String, Value>> = self.read("settings.json")?;
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Ok(settings.unwrap_or_default().into_iter().map(|(name, value)| (name, text(value))).collect())
    }

    /// What the generator has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.path.join("k6.log")).unwrap_or_default()
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, FolderError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| at(&path)(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }
}

/// The samples of a run, from its folder.
///
/// # Errors
/// They cannot be read.
pub fn samples(folder: &Path) -> Result<Vec<Sample>, FolderError> {
    let path = folder.join("samples.jsonl");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let read = |line| serde_json::from_str(line).map_err(|error: serde_json::Error| at(&path)(error.into()));
    text.lines().map(read).collect()
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    |source| FolderError { path, source }
}
