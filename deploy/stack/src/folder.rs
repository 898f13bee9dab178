use std::{
    env, fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::StackError;

/// A server's folder: the one to keep, or one that goes with the server.
pub(crate) fn prepare(kept: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), StackError> {
    if let Some(folder) = kept {
        fs::create_dir_all(folder).map_err(StackError::file(folder))?;
        return Ok((folder.to_owned(), None));
    }
    let folder = tempfile::tempdir().map_err(StackError::file(env::temp_dir()))?;
    Ok((folder.path().to_owned(), Some(folder)))
}
