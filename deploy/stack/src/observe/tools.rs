use std::{
    env,
    path::{Path, PathBuf},
};

use crate::StackError;

/// Where deploy/up unpacks what it does not find on the machine, below the folder of the repository.
const UNPACKED: &str = ".onsale/tools/observe/usr/bin";

/// A program under any of its names: on the path, or where deploy/up has unpacked it.
pub(super) fn find(names: &[&str]) -> Result<PathBuf, StackError> {
    let on_the_path = env::var_os("PATH").unwrap_or_default();
    let here = env::current_dir().unwrap_or_default();
    let folders: Vec<PathBuf> =
        env::split_paths(&on_the_path).chain(here.ancestors().map(|folder| folder.join(UNPACKED))).collect();
    let mut candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.find(|path| Path::is_file(path)).ok_or_else(|| StackError::NotInstalled {
        program: names.join(" or "),
        remedy: "deploy/up --observe unpacks it; elsewhere put it on the path".to_owned(),
    })
}
