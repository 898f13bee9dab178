//! The versions of k6 that the scripts are for.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use onsale_tests::boards::project;

/// The one that the plan names.
pub(crate) const OLD: &str = "0.57.0";
/// The latest that there is.
pub(crate) const NEW: &str = "1.1.0";

/// A path to search for programs on which `k6` is of this version.
pub(crate) fn path_with(version: &str) -> OsString {
    let own = project().join(".onsale/tools").join(format!("k6-{version}"));
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let folder =
        [own].into_iter().chain(folders.clone()).find(|folder| is_version(&folder.join("k6"), version));
    let folder = folder.unwrap_or_else(|| panic!("there is no k6 {version}: deploy/test gets it"));
    env::join_paths([folder].into_iter().chain(folders)).unwrap()
}

/// `k6`, of this version.
pub(crate) fn k6(version: &str) -> Command {
    let mut k6 = Command::new("k6");
    k6.env("PATH", path_with(version)).current_dir(project());
    k6
}

fn is_version(k6: &Path, version: &str) -> bool {
    let Ok(output) = Command::new(k6).arg("version").output() else { return false };
    String::from_utf8_lossy(&output.stdout).starts_with(&format!("k6 v{version} "))
}
