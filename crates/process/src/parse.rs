//! From command line and environment to settings, or to one line that says what is wrong with them.
//!
//! clap's own message quotes the value, and its help shows the environment's; either may be a secret.

use std::{error::Error as _, process::ExitCode};

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, Error, ErrorKind},
};

use crate::{Config, setting_files::with_files};

/// Why a program does not start.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The operator asked for the help or the version, and has it.
    Answered,
    /// A setting is wrong.
    Wrong(String),
}

impl Stop {
    /// The exit code, after saying what is wrong.
    pub(crate) fn into_exit_code(self, program: &str) -> ExitCode {
        match self {
            Self::Answered => ExitCode::SUCCESS,
            Self::Wrong(line) => crate::run::misconfigured(program, &line),
        }
    }
}

/// Reads the settings of the process.
pub(crate) fn parse<C: Config>() -> Result<C, Stop> {
    parse_from(std::env::args_os())
}

/// What the help says of every program.
const EVERYWHERE: &str = "\
    Any setting can be read from a file: ONSALE_TOKEN_KEYS_FILE=/run/secrets/keys instead of ONSALE_TOKEN_KEYS, and so \
    for each variable. With `probe` as its only argument the program asks the copy that runs here whether it is \
    ready, and ends.";

fn parse_from<C: Config>(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<C, Stop> {
    let mut command = without_values(C::command()).after_help(EVERYWHERE);
    let arguments =
        with_files(&command, arguments.collect(), |name| std::env::var_os(name)).map_err(Stop::Wrong)?;
    let parsed = command
        .try_get_matches_from_mut(arguments)
        .and_then(|mut matches| C::from_arg_matches_mut(&mut matches));
    let config = parsed.map_err(|error| stop(&command, &error))?;
    config.check().map_err(Stop::Wrong)?;
    Ok(config)
}

fn without_values(command: Command) -> Command {
    command.mut_args(|arg| arg.hide_env_values(true)).mut_subcommands(without_values)
}

/// Why a program does not start, after what clap has found.
pub(crate) fn stop(command: &Command, error: &Error) -> Stop {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Nobody reads the help on a closed terminal.
        let _ = error.print();
        return Stop::Answered;
    }
    let settings = settings(command, error);
    Stop::Wrong(if error.kind() == ErrorKind::ValueValidation {
        let reason = error.source().map_or_else(|| "not understood".to_owned(), ToString::to_string);
        format!("wrong value for {settings}: {reason}")
    } else if error.kind() == ErrorKind::InvalidValue {
        format!("wrong value for {settings}: {}", choices(error))
    } else if error.kind() == ErrorKind::MissingRequiredArgument {
        format!("not set: {settings}")
    } else {
        first_line(error)
    })
}

/// The settings that an error is about, each with its environment variable.
fn settings(command: &Command, error: &Error) -> String {
    let arguments = strings(error.get(ContextKind::InvalidArg));
    let named = arguments.iter().map(|name| match find(command, name).and_then(Arg::get_env) {
        Some(variable) => format!("{} ({name})", variable.display()),
        None => name.clone(),
    });
    named.collect::<Vec<_>>().join(", ")
}

fn find<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let here = command.get_arguments().find(|arg| arg.to_string() == name);
    here.or_else(|| command.get_subcommands().find_map(|subcommand| find(subcommand, name)))
}

fn choices(error: &Error) -> String {
    match strings(error.get(ContextKind::ValidValue)) {
        none if none.is_empty() => "a value is needed".to_owned(),
        values => format!("one of {}", values.join(", ")),
    }
}

fn strings(context: Option<&ContextValue>) -> Vec<String> {
    match context {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(many)) => many.clone(),
        _ => Vec::new(),
    }
}

fn first_line(error: &Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests;
