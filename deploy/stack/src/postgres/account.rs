use std::{
    os::unix::fs::chown,
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User};

use crate::{
    StackError,
    child::{SETPRIV, bound_to_us},
};

/// The account that Debian's package makes.
const NAME: &str = "postgres";

/// Who Postgres runs as: it refuses to run as root, and then another account has to do.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Another than this process's.
    other: Option<User>,
}

impl Account {
    pub(super) fn of_this_process() -> Result<Self, StackError> {
        if !Uid::effective().is_root() {
            return Ok(Self { other: None });
        }
        match User::from_name(NAME) {
            Ok(Some(user)) => Ok(Self { other: Some(user) }),
            Ok(None) | Err(_) => Err(StackError::Refused {
                tool: "postgres".to_owned(),
                reason: format!("does not run as root, and there is no account called {NAME}"),
            }),
        }
    }

    /// A command that runs as the account, and ends with this process.
    pub(super) fn server(&self, program: &Path) -> Command {
        if self.other.is_none() {
            return bound_to_us(program);
        }
        let mut command = self.command(SETPRIV.as_ref());
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command
    }

    /// A command that runs as the account.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Some(user) = &self.other else { return Command::new(program) };
        let mut command = Command::new(SETPRIV);
        command.args([format!("--reuid={}", user.uid), format!("--regid={}", user.gid)]);
        command.args(["--init-groups", "--"]).arg(program);
        command
    }

    /// Gives a folder to the account.
    pub(super) fn own(&self, folder: &Path) -> Result<(), StackError> {
        let Some(user) = &self.other else { return Ok(()) };
        chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).map_err(StackError::file(folder))
    }

    /// Whether the account may use a folder: those above it may be closed to it.
    pub(super) fn reaches(&self, folder: &Path) -> bool {
        let mut probe = self.command("/usr/bin/test".as_ref());
        let probe = probe.arg("-w").arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    }
}
