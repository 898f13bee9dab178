use std::{
    env,
    fs::{self, Permissions},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::{NamedTempFile, TempDir};

use super::{PostgresOptions, USER, account::Account, programs, programs::Programs};
use crate::StackError;

/// A folder that belongs to the account that Postgres runs under: the data, the socket, the log.
#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    _throw_away: Option<TempDir>,
}

impl Cluster {
    /// Makes the cluster unless it is there.
    pub(super) fn prepare(
        options: &PostgresOptions,
        programs: &Programs,
        account: &Account,
    ) -> Result<Self, StackError> {
        let cluster = match &options.folder {
            Some(folder) => Self { folder: reachable(folder, account)?, _throw_away: None },
            None => Self::throw_away(account)?,
        };
        // The last file that initdb writes.
        if !cluster.data().join("global/pg_control").exists() || !cluster.marker().exists() {
            cluster.make(options, programs, account)?;
        }
        Ok(cluster)
    }

    fn throw_away(account: &Account) -> Result<Self, StackError> {
        let folder = tempfile::tempdir().map_err(StackError::file(env::temp_dir()))?;
        let path = own(folder.path(), account)?;
        Ok(Self { folder: path, _throw_away: Some(folder) })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// Says that the cluster was made to its end.
    fn marker(&self) -> PathBuf {
        self.folder.join("made")
    }

    fn make(
        &self,
        options: &PostgresOptions,
        programs: &Programs,
        account: &Account,
    ) -> Result<(), StackError> {
        // What is there is what an interrupted attempt has left.
        match fs::remove_dir_all(self.data()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StackError::file(self.data())(error));
            }
            Ok(()) | Err(_) => {}
        }
        let mut initdb = account.command(&programs.path("initdb"));
        initdb.current_dir(&self.folder).arg("-D").arg(self.data());
        initdb.args([
            "--username",
            USER,
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]);
        // The socket is in a folder that only the account can open.
        initdb.arg("--auth-local=trust");
        let password =
            options.password.as_deref().map(|password| password_file(password, account)).transpose()?;
        match &password {
            Some(file) => initdb.arg("--auth-host=scram-sha-256").arg("--pwfile").arg(file.path()),
            None => initdb.arg("--auth-host=trust"),
        };
        programs::output("initdb", &mut initdb)?;
        fs::write(self.marker(), "").map_err(StackError::file(self.marker()))
    }
}

fn password_file(password: &str, account: &Account) -> Result<NamedTempFile, StackError> {
    let written = NamedTempFile::new().and_then(|mut file| writeln!(file, "{password}").map(|()| file));
    let file = written.map_err(StackError::file(env::temp_dir()))?;
    account.own(file.path())?;
    Ok(file)
}

/// The folder that was asked for, or one in the system's folder for temporary files whose name follows from it.
fn reachable(folder: &Path, account: &Account) -> Result<PathBuf, StackError> {
    let asked = own(folder, account)?;
    if account.reaches(&asked) {
        return Ok(asked);
    }
    let mut hasher = DefaultHasher::new();
    asked.hash(&mut hasher);
    let substitute =
        own(&env::temp_dir().join(format!("onsale-postgres-{:016x}", hasher.finish())), account)?;
    if account.reaches(&substitute) {
        return Ok(substitute);
    }
    let reason =
        format!("its account can write neither to {} nor to {}", asked.display(), substitute.display());
    Err(StackError::Refused { tool: "postgres".to_owned(), reason })
}

/// Makes a folder for the account alone: whoever reaches the socket in it is let in.
fn own(folder: &Path, account: &Account) -> Result<PathBuf, StackError> {
    fs::create_dir_all(folder).map_err(StackError::file(folder))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(StackError::file(folder))?;
    account.own(folder)?;
    fs::canonicalize(folder).map_err(StackError::file(folder))
}
