//! `k6/capacity`: searches on an Onsale, one run a step.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};

use super::{Place, Plan, Sought, bound_by, keep, measured, search};
use crate::{
    environment,
    generator::k6::K6,
    results::{Capacity, Found, Held, Measured, Phase, Sample},
    run::{self, Done, PlaceOptions, Ready, RunError, Tested, conclude, oha_load},
    scenario::Script,
};

/// What `capacity` can be told.
#[derive(Args, Clone, Debug)]
pub struct CapacityOptions {
    /// What is asked: a scenario, such as `token`, `status`, `schedules`, `seats` or `journey`
    pub endpoint: String,

    /// Who makes the load; oha makes one call only, and looks at no body
    #[arg(long, value_enum, default_value_t = Tool::K6)]
    generator: Tool,

    /// For how many seconds a rate has to hold
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,

    /// The first rate that is tried
    #[arg(long, default_value_t = 100.0)]
    first: f64,

    /// How often the highest rate is repeated
    #[arg(long, default_value_t = 5)]
    repeats: usize,

    /// The name of the search; one that was cut off goes on under its name
    #[arg(long)]
    resume: Option<String>,

    #[command(flatten)]
    place: PlaceOptions,
}

/// Who makes the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tool {
    K6,
    Oha,
}

impl Tool {
    const fn name(self) -> &'static str {
        match self {
            Self::K6 => "k6",
            Self::Oha => "oha",
        }
    }
}

/// Finds the highest rate that holds, and what did not allow more. Fails where none holds.
///
/// # Errors
/// A step could not be run.
pub async fn find(options: &CapacityOptions, say: &dyn Fn(&str)) -> anyhow::Result<ExitCode> {
    let k6 = K6::find(&options.place.generator_on).await?;
    let folder = folder(options)?;
    let mut place = options.place.clone();
    place.results.clone_from(&folder);
    let finding = Finding { options, place: &place, k6: &k6, folder: &folder };
    let work = async |tested: &mut Tested| finding.all(tested, say).await;
    let capacity = Tested::during(&place, say, work).await?;
    let held = matches!(capacity.found, Some(Found::Highest { .. }));
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A search has a folder, and each step's run has one in it.
fn folder(options: &CapacityOptions) -> Result<PathBuf, RunError> {
    let results = &options.place.results;
    let Some(name) = &options.resume else {
        let name = format!("capacity-{}-{}", options.endpoint, options.generator.name());
        return Ok(run::Folder::make(results, &name, None)?.path().to_owned());
    };
    let folder = results.join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

struct Finding<'a> {
    options: &'a CapacityOptions,
    place: &'a PlaceOptions,
    k6: &'a K6,
    folder: &'a Path,
}

impl Finding<'_> {
    async fn all(&self, tested: &mut Tested, say: &dyn Fn(&str)) -> anyhow::Result<Capacity> {
        let name = self.folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let sought = Sought {
            test_id: name.unwrap_or_default(),
            endpoint: self.options.endpoint.clone(),
            generator: self.options.generator.name().to_owned(),
            seconds: self.options.seconds.into(),
            plan: Plan { first: self.options.first, repeats: self.options.repeats, ..Plan::default() },
        };
        let step = async |rate, seconds| self.step(tested, (rate, seconds)).await;
        let mut capacity = search(&sought, self.folder, step, say).await?;
        let generator_on = self.k6.cpus().len();
        let place = Place {
            processors: environment::processors(),
            servers_on: self.place.servers_on.len(),
            generator: sought.generator.clone(),
            generator_on,
        };
        let (at_found, above) = self.decisive(&capacity)?;
        let bound = bound_by(&place, &at_found, &above);
        say(&bound.sentence);
        capacity.bound_by = Some(bound);
        keep::<RunError>(self.folder, &capacity)?;
        Ok(capacity)
    }

    async fn step(&self, tested: &mut Tested, (rate, seconds): (f64, f64)) -> Result<Measured, RunError> {
        let mut script = self.place.script(&self.options.endpoint);
        script.settings.extend([
            ("RATE".to_owned(), rate.to_string()),
            ("DURATION".to_owned(), format!("{seconds}s")),
            ("SHAPE".to_owned(), "constant".to_owned()),
        ]);
        let done = match self.options.generator {
            Tool::K6 => run::once(self.place, self.k6, tested, &script, None, &|_| {}).await?,
            Tool::Oha => self.with_oha(tested, &script, (rate, seconds)).await?,
        };
        Ok(measured(&done.run, done.summary.as_ref(), &done.verdict))
    }

    async fn with_oha(&self, tested: &Tested, script: &Script, load: (f64, f64)) -> Result<Done, RunError> {
        let mut ready = Ready::make(self.place, self.k6, tested, script, None, &|_| {}).await?;
        let loaded = oha_load::run(tested, &mut ready, load, &self.place.generator_on).await;
        ready.put_back().await?;
        conclude(tested, ready, loaded?).await
    }

    /// Samples of the last step at the rate that was found, and of the lowest above it that failed.
    fn decisive(&self, capacity: &Capacity) -> Result<(Vec<Sample>, Vec<Sample>), RunError> {
        let Some(Found::Highest { rate: found, .. }) = capacity.found else { return Ok(Default::default()) };
        let steps = || capacity.steps.iter();
        let at_found =
            steps().rev().find(|step| step.phase == Phase::Repeat && step.measured.outcome == Held::Held);
        let failed =
            steps().filter(|step| step.rate > found && matches!(step.measured.outcome, Held::Failed { .. }));
        let above = failed.min_by(|one, other| one.rate.total_cmp(&other.rate));
        let samples = |step: Option<&crate::results::Step>| match step {
            Some(step) => run::samples(&self.folder.join(&step.measured.test_id)),
            None => Ok(Vec::new()),
        };
        Ok((samples(at_found)?, samples(above)?))
    }
}
