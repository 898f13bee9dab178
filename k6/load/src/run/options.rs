use std::path::{Path, PathBuf};

use clap::Args;
use onsale_stack::{Elsewhere, StackError, Target};

use crate::scenario::Script;

/// What `run` can be told.
#[derive(Args, Clone, Debug)]
pub struct RunOptions {
    /// Scenarios, by name, such as `smoke`; or scripts, by path
    #[arg(required = true)]
    pub scenarios: Vec<String>,

    /// Of the faults that a scenario makes, only these
    #[arg(long = "fault", value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(crate::fault::Fault::names()))]
    pub faults: Vec<String>,

    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// Where a run takes place, and what it is told.
#[derive(Args, Clone, Debug)]
pub struct PlaceOptions {
    /// What the scripts are told, such as `RATE=300`; k6/README.md lists what there is
    #[arg(long = "env", short = 'e', value_name = "NAME=VALUE", value_parser = setting)]
    pub settings: Vec<(String, String)>,

    /// Processors of the generator, such as `1`; all unless told
    #[arg(long, value_name = "CPUS", value_delimiter = ',')]
    pub generator_on: Vec<usize>,

    /// Processors of the servers, such as `0`; all unless told
    #[arg(long, value_name = "CPUS", value_delimiter = ',')]
    pub servers_on: Vec<usize>,

    /// Where results are kept
    #[arg(long, default_value = "results")]
    pub results: PathBuf,

    #[command(flatten)]
    target: TargetOptions,

    /// Start an Onsale for the runs, and stop it afterwards
    #[arg(long, conflicts_with = "gateways")]
    pub own: bool,

    /// How many copies of each program are started
    #[arg(long, default_value_t = 1, requires = "own", value_parser = clap::value_parser!(u16).range(1..=16))]
    pub copies: u16,

    /// Start Prometheus too, to have client and servers on one time axis
    #[arg(long, requires = "own")]
    pub observe: bool,
}

/// Which Onsale is tested.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The Onsale that is tested: the one that deploy/up runs, or another")]
struct TargetOptions {
    /// Where `deploy/up` keeps everything
    #[arg(long, default_value = ".onsale")]
    folder: PathBuf,

    #[command(flatten)]
    elsewhere: Elsewhere,

    /// A Prometheus that takes remote writes
    #[arg(long, env = "ONSALE_PROMETHEUS")]
    prometheus: Option<String>,
}

impl RunOptions {
    /// Whether a fault is among those that were asked for.
    #[must_use]
    pub fn makes(&self, fault: &str) -> bool {
        self.faults.is_empty() || self.faults.iter().any(|wanted| wanted == fault)
    }
}

impl PlaceOptions {
    /// The Onsale that was named, or the one that `deploy/up` runs.
    ///
    /// # Errors
    /// Nothing is up.
    pub fn target(&self) -> Result<Target, StackError> {
        let named = &self.target;
        let mut target = named.elsewhere.target(&named.folder)?;
        target.prometheus = named.prometheus.clone().or(target.prometheus);
        Ok(target)
    }

    /// A scenario's script.
    #[must_use]
    pub fn script(&self, name: &str) -> Script {
        let by_path = Path::new(name);
        let path = if by_path.extension().is_some() {
            by_path.to_owned()
        } else {
            Path::new("k6/scenarios").join(name).with_extension("js")
        };
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Script { name, path, settings: self.settings.iter().cloned().collect() }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is what is meant")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser, Debug)]
    struct Typed {
        #[command(flatten)]
        place: PlaceOptions,
    }

    #[test]
    fn an_onsale_is_one_s_own_or_somebody_else_s() {
        let known = ["--operator-key", "key", "--redis-url", "redis://it", "--database-url", "postgres://it"];
        let typed =
            |arguments: &[&'static str]| Typed::try_parse_from([&["run"], arguments, &known].concat());
        assert!(typed(&["--own"]).unwrap().place.own);
        let target = typed(&["--gateway", "http://one"]).unwrap().place.target().unwrap();
        assert_eq!(target.gateways, ["http://one"]);
        assert!(typed(&["--own", "--gateway", "http://one"]).is_err());
    }
}
