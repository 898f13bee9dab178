use std::fs::{self, File};

use super::{Addresses, Folder, Record, Running};
use crate::StackError;

/// A folder that is taken, and says what runs in it for as long as this value lives.
#[derive(Debug)]
pub(super) struct Tenure {
    folder: Folder,
    _lock: File,
}

impl Tenure {
    /// Takes a folder in which nothing runs.
    pub(super) fn begin(folder: Folder) -> Result<Self, StackError> {
        let lock = folder.lock()?;
        let tenure = Self { folder, _lock: lock };
        // What a starter that was killed has left.
        let _ = fs::remove_file(tenure.folder.ready());
        Ok(tenure)
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Says what runs, for whoever looks from elsewhere.
    pub(super) fn record(
        &self,
        started: Vec<Running>,
        addresses: Option<Addresses>,
    ) -> Result<(), StackError> {
        Record { starter: Running::this("onsale-stack")?, started, addresses }.write(&self.folder.record())
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        for file in [self.folder.ready(), self.folder.record()] {
            // It may not have come to that.
            let _ = fs::remove_file(file);
        }
    }
}
