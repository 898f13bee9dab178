use std::{
    fs::{self, DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use crate::StackError;

/// The private folder of everything that a stack keeps.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder unless it is there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(path: &Path) -> Result<Self, StackError> {
        // Postgres, which may have to run under another account, has to get through the first.
        for (folder, mode) in [("", 0o755), ("log", 0o755), ("keys", 0o700), ("redis", 0o700)] {
            let folder = path.join(folder);
            let made = DirBuilder::new().recursive(true).mode(mode).create(&folder);
            made.map_err(StackError::file(folder))?;
        }
        fs::canonicalize(path).map(Self).map_err(StackError::file(path))
    }

    /// Whether nothing runs here: nothing can be started where something does.
    ///
    /// # Errors
    /// Something runs here.
    pub fn is_free(&self) -> Result<(), StackError> {
        self.lock().map(drop)
    }

    /// Taken for as long as something runs here.
    pub(super) fn lock(&self) -> Result<File, StackError> {
        let path = self.0.join("lock");
        let file = File::create(&path).map_err(StackError::file(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StackError::IsUp),
            Err(TryLockError::Error(error)) => Err(StackError::file(path)(error)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the programs' logs are.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The log of a stack that runs in the background.
    #[must_use]
    pub fn up_log(&self) -> PathBuf {
        self.logs().join("up.log")
    }

    /// A secret's file: `operator` opens the admin API.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.0.join("keys").join(name)
    }

    pub(super) fn redis(&self) -> PathBuf {
        self.0.join("redis")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// What runs.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.0.join("running.json")
    }

    /// For whoever runs the stack to write when everything is ready: what is said then. It goes with the stack.
    #[must_use]
    pub fn ready(&self) -> PathBuf {
        self.0.join("ready.txt")
    }
}
