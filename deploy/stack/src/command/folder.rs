use std::{
    fs::{self, DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// The private folder of everything that `up` keeps.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder unless it is there.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        // Postgres, which may have to run under another account, has to get through the first.
        for (folder, mode) in [("", 0o755), ("log", 0o755), ("keys", 0o700), ("redis", 0o700)] {
            let folder = path.join(folder);
            let made = DirBuilder::new().recursive(true).mode(mode).create(&folder);
            made.with_context(|| format!("make {}", folder.display()))?;
        }
        let path = fs::canonicalize(path).with_context(|| format!("find {}", path.display()))?;
        Ok(Self(path))
    }

    /// Taken for as long as something runs here.
    pub(super) fn lock(&self) -> anyhow::Result<File> {
        let path = self.0.join("lock");
        let file = File::create(&path).with_context(|| format!("write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => anyhow::bail!("Onsale is up already; deploy/down stops it"),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("lock {}", path.display())),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The log of a stack that runs in the background.
    pub(super) fn up_log(&self) -> PathBuf {
        self.logs().join("up.log")
    }

    pub(super) fn key(&self, name: &str) -> PathBuf {
        self.0.join("keys").join(name)
    }

    pub(super) fn redis(&self) -> PathBuf {
        self.0.join("redis")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// What runs.
    pub(super) fn record(&self) -> PathBuf {
        self.0.join("running.json")
    }

    /// There when everything is ready: what is said then.
    pub(super) fn ready(&self) -> PathBuf {
        self.0.join("ready.txt")
    }
}
