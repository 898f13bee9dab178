use clap::{CommandFactory as _, Parser};

use super::*;
use crate::ProcessConfig;

#[derive(Debug, Parser)]
struct Settings {
    /// Keys that nobody may see
    #[arg(long, env = "ONSALE_TEST_KEYS", value_parser = keys)]
    keys: String,
    #[command(flatten)]
    process: ProcessConfig,
}

fn keys(value: &str) -> Result<String, &'static str> {
    if value.contains(':') { Ok(value.to_owned()) } else { Err("not of the form kid:key") }
}

impl Config for Settings {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }

    fn check(&self) -> Result<(), String> {
        if self.process.grace.is_zero() { Err("a grace of 0 s helps nobody".to_owned()) } else { Ok(()) }
    }
}

fn parsed(arguments: &[&str]) -> Result<Settings, Stop> {
    parse_from(std::iter::once("program").chain(arguments.iter().copied()).map(Into::into))
}

fn wrong(arguments: &[&str]) -> String {
    match parsed(arguments) {
        Err(Stop::Wrong(line)) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn right_settings_are_taken() {
    let settings = parsed(&["--keys", "a:b", "--grace-seconds", "0.5"]).unwrap();
    assert_eq!(settings.keys, "a:b");
    assert_eq!(settings.process.grace.as_millis(), 500);
}

#[test]
fn what_is_wrong_is_one_line_that_names_the_variable() {
    assert_eq!(wrong(&[]), "not set: ONSALE_TEST_KEYS (--keys <KEYS>)");
    assert_eq!(
        wrong(&["--keys", "a:b", "--ops-listen", "nowhere"]),
        "wrong value for ONSALE_OPS_LISTEN (--ops-listen <OPS_LISTEN>): invalid socket address syntax"
    );
    assert_eq!(
        wrong(&["--keys", "a:b", "--log-format", "loud"]),
        "wrong value for ONSALE_LOG_FORMAT (--log-format <LOG_FORMAT>): one of json, pretty"
    );
    assert_eq!(wrong(&["--keys", "a:b", "--nonsense"]), "unexpected argument '--nonsense' found");
    assert_eq!(wrong(&["--keys", "a:b", "--grace-seconds", "0"]), "a grace of 0 s helps nobody");
}

#[test]
fn a_wrong_value_is_not_shown() {
    let line = wrong(&["--keys", "hunter2"]);
    assert_eq!(line, "wrong value for ONSALE_TEST_KEYS (--keys <KEYS>): not of the form kid:key");
}

#[test]
fn the_help_does_not_show_what_the_environment_holds() {
    let command = without_values(Settings::command());
    assert!(command.get_arguments().all(Arg::is_hide_env_values_set));
}
