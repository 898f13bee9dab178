use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::StackError;

/// Where Debian keeps them, a folder per major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The oldest version that is known to do.
const OLDEST: u32 = 14;

/// Postgres' own programs, all of one version.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Finds the newest: in the folder that `ONSALE_POSTGRES_BIN` names, or Debian's, or on the path.
    pub(super) fn find() -> Result<Self, StackError> {
        let named = env::var_os("ONSALE_POSTGRES_BIN").map(PathBuf::from);
        let candidates = named.into_iter().chain(debian()).chain(on_the_path());
        let found = candidates.into_iter().find(|folder| folder.join("initdb").is_file());
        found.map(|folder| Self { folder }).ok_or_else(|| StackError::NotInstalled {
            program: "postgresql".to_owned(),
            remedy: format!("apt-get install postgresql, version {OLDEST} or later"),
        })
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// A client, undisturbed by what the environment says about other servers.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.path(program));
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command
    }
}

fn debian() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(DEBIAN) else { return Vec::new() };
    let versions = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut versions: Vec<u32> = versions.filter(|version| *version >= OLDEST).collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.iter().map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin")).collect()
}

fn on_the_path() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
}

/// What a tool prints, or why it failed.
pub(super) fn output(tool: &str, command: &mut Command) -> Result<String, StackError> {
    let output = command.stdin(Stdio::null()).output().map_err(|source| StackError::System {
        name: tool.to_owned(),
        action: "run it",
        source,
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(StackError::Refused { tool: tool.to_owned(), reason })
}
