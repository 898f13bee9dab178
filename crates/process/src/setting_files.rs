//! Settings from files: where the variable of a setting is `ONSALE_X`, `ONSALE_X_FILE` names a file with its value.
//!
//! So secrets can be mounted, as Kubernetes and Compose do, and are neither in a container's description nor in a
//! process's environment.

use std::ffi::OsString;

use clap::{Arg, Command};

/// The arguments, with one more for each setting that is in a file.
///
/// `lookup` is the environment.
pub(crate) fn with_files(
    command: &Command,
    arguments: Vec<OsString>,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<OsString>, String> {
    let mut from_files = Vec::new();
    for (variable, long) in command.get_arguments().filter_map(setting) {
        let file = format!("{variable}_FILE");
        let Some(path) = lookup(&file).filter(|path| !path.is_empty()) else { continue };
        if lookup(variable).is_some() {
            return Err(format!("both are set, {variable} and {file}"));
        }
        // The command line goes before the environment.
        if !arguments.iter().any(|argument| is_of(argument, long)) {
            let text = std::fs::read_to_string(path).map_err(|error| format!("read {file}: {error}"))?;
            from_files.push(format!("--{long}={}", text.trim_end()).into());
        }
    }
    // Before a subcommand, if there is one.
    let mut arguments = arguments.into_iter();
    Ok(arguments.next().into_iter().chain(from_files).chain(arguments).collect())
}

fn setting(argument: &Arg) -> Option<(&str, &str)> {
    Some((argument.get_env()?.to_str()?, argument.get_long()?))
}

fn is_of(argument: &OsString, long: &str) -> bool {
    let name = argument.to_str().and_then(|argument| argument.strip_prefix("--"));
    name.is_some_and(|name| name.split_once('=').map_or(name, |(name, _)| name) == long)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn command() -> Command {
        let keys = Arg::new("keys").long("keys").env("ONSALE_TEST_KEYS");
        Command::new("program")
            .arg(keys)
            .arg(Arg::new("other").long("other"))
            .subcommand(Command::new("task"))
    }

    fn given(arguments: &[&str], environment: &[(&str, &Path)]) -> Result<Vec<String>, String> {
        let lookup = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_os_str().to_owned())
        };
        let given = with_files(&command(), arguments.iter().map(Into::into).collect(), lookup)?;
        Ok(given.into_iter().map(|argument| argument.into_string().unwrap()).collect())
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_setting_is_read_from_the_file_that_is_named() {
        let keys = file("first:c2VjcmV0\n");
        let arguments = given(&["program", "task"], &[("ONSALE_TEST_KEYS_FILE", keys.path())]).unwrap();
        assert_eq!(arguments, ["program", "--keys=first:c2VjcmV0", "task"]);
    }

    #[test]
    fn without_a_file_nothing_changes() {
        assert_eq!(given(&["program", "--other", "x"], &[]).unwrap(), ["program", "--other", "x"]);
        let empty = [("ONSALE_TEST_KEYS_FILE", Path::new(""))];
        assert_eq!(given(&["program"], &empty).unwrap(), ["program"]);
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let keys = file("a:b");
        for arguments in [&["program", "--keys", "c:d"][..], &["program", "--keys=c:d"]] {
            let given = given(arguments, &[("ONSALE_TEST_KEYS_FILE", keys.path())]).unwrap();
            assert_eq!(given, arguments);
        }
    }

    #[test]
    fn a_setting_given_twice_or_in_no_file_is_refused() {
        let keys = file("a:b");
        let both = [("ONSALE_TEST_KEYS_FILE", keys.path()), ("ONSALE_TEST_KEYS", Path::new("c:d"))];
        let refused = given(&["program"], &both).unwrap_err();
        assert_eq!(refused, "both are set, ONSALE_TEST_KEYS and ONSALE_TEST_KEYS_FILE");
        let missing =
            given(&["program"], &[("ONSALE_TEST_KEYS_FILE", Path::new("/nowhere/keys"))]).unwrap_err();
        assert!(missing.starts_with("read ONSALE_TEST_KEYS_FILE: No such file"), "{missing}");
    }
}
