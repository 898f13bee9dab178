use std::{
    collections::BTreeMap,
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::ServiceOptions;
use crate::{
    StackError,
    child::{self, Child, bound_to_us},
    folder,
};

const START: Duration = Duration::from_secs(30);

/// Runs a program to its end, for those that do a thing and are done.
///
/// # Errors
/// The program has not been built, or does not end in time, or not well.
pub async fn run_to_end(options: ServiceOptions, within: Duration) -> Result<(), StackError> {
    let program = program(&options)?;
    let (folder, _throw_away) = folder::prepare(options.folder.as_deref())?;
    let log = options.log_in(&folder);
    let mut child = Child::spawn(options.label(), command(&options, &program), &log)?;
    let status = child.end(within).await?;
    if status.success() {
        return Ok(());
    }
    Err(StackError::Ended { name: options.label().to_owned(), status, log: child::tail(&log) })
}

/// Starts a program, and learns its addresses.
pub(super) async fn launch(
    options: &ServiceOptions,
    program: &Path,
    folder: &Path,
) -> Result<(Child, BTreeMap<String, SocketAddr>), StackError> {
    let address_file = folder.join(format!("{}.addresses", options.label()));
    // What an earlier process wrote is not this one's.
    let _ = fs::remove_file(&address_file);
    let mut command = command(options, program);
    command.env("ONSALE_ADDRESS_FILE", &address_file);
    let mut child = Child::spawn(options.label(), command, &options.log_in(folder))?;
    child.until("open its ports", START, || async { address_file.exists() }).await?;
    let text = fs::read(&address_file).map_err(StackError::file(&address_file))?;
    let addresses =
        serde_json::from_slice(&text).map_err(|error| StackError::file(&address_file)(error.into()))?;
    Ok((child, addresses))
}

fn command(options: &ServiceOptions, program: &Path) -> Command {
    let mut command = bound_to_us(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ONSALE_")) {
        command.env_remove(name);
    }
    command.args(&options.arguments).envs(&options.environment);
    command
}

/// The program's file.
pub(super) fn program(options: &ServiceOptions) -> Result<PathBuf, StackError> {
    options.program.clone().map_or_else(|| binary(&options.name), Ok)
}

/// A program that cargo built: in the folder that `ONSALE_PROGRAMS` names, or beside this one.
///
/// # Errors
/// It is not there.
pub fn binary(name: &str) -> Result<PathBuf, StackError> {
    let folders = match env::var_os("ONSALE_PROGRAMS") {
        Some(folder) => vec![PathBuf::from(folder)],
        // A test's file is one folder below the programs'.
        None => env::current_exe()
            .map(|this| this.ancestors().skip(1).take(2).map(Path::to_owned).collect())
            .unwrap_or_default(),
    };
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| StackError::NotInstalled {
        program: name.to_owned(),
        remedy: format!("cargo build --bin {name}"),
    })
}
