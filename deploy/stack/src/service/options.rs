use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// How to run one of Onsale's programs.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    pub(super) name: String,
    label: Option<String>,
    pub(super) program: Option<PathBuf>,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) folder: Option<PathBuf>,
}

impl ServiceOptions {
    /// The program of that name as cargo built it, with no settings.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: None,
            program: None,
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            folder: None,
        }
    }

    /// Another name in messages and for the log, such as `onsale-queue-2`.
    #[must_use]
    pub fn called(mut self, name: impl Into<String>) -> Self {
        self.label = Some(name.into());
        self
    }

    /// The program's file, where it is not beside this one's.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// One more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Many settings, as [`Self::env`] takes one.
    #[must_use]
    pub fn envs(mut self, settings: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(settings);
        self
    }

    /// A setting. `ONSALE_LISTEN` and `ONSALE_OPS_LISTEN` are ports of the service's own unless they are set.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Where to keep the log, also afterwards; without it in a folder that goes with the service.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The name in messages.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    pub(super) fn log_in(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.log", self.label()))
    }
}
