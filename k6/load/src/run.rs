//! One run, from getting ready to the verdict.

mod faults;
mod folder;
mod options;
mod phases;
mod progress;
mod target;

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use onsale_stack::{Running, StackError, invariants, operator::RoomWatch};

pub use folder::{Folder, FolderError};
pub use options::RunOptions;
pub use target::Tested;

use crate::{
    environment,
    fault::Fault,
    generator::k6::{K6, K6Error, Launch},
    judge::{self, Evidence},
    prepare::{PrepareError, Prepared},
    results::{Generator, Outcome, Run, Verdict},
    sampling::{Sampling, Watched, now},
    scenario::{Scenario, Script},
    series,
};

/// After the run's end, Prometheus still takes in what was sent last.
const LAST_PUSH: Duration = Duration::from_secs(3);

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The generator, or the script.
    #[error(transparent)]
    K6(#[from] K6Error),
    /// The target could not be made ready.
    #[error("the target cannot be made ready")]
    Prepare(#[from] PrepareError),
    /// Servers and programs.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The results cannot be kept.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The results cannot be written.
    #[error("what was seen cannot be kept")]
    Kept(#[from] std::io::Error),
    /// A fault that nobody knows how to make.
    #[error("there is no fault {0:?}")]
    NoSuchFault(String),
    /// The scenario breaks what somebody else has started.
    #[error("{0} breaks programs, which only who starts them can mend: --own starts some for it")]
    NotOurs(String),
}

/// What a run came to.
#[derive(Debug)]
pub struct Done {
    /// Where everything is.
    pub folder: PathBuf,
    /// What was run.
    pub run: Run,
    /// What is to be made of it.
    pub verdict: Verdict,
}

/// Runs scenarios one after the other, and says what came of each. The worst of them is the exit status: 0 for passed, 1 for
/// failed, 3 for not valid.
///
/// # Errors
/// A run could not be made at all.
pub async fn run(options: &RunOptions, say: &dyn Fn(&str)) -> anyhow::Result<ExitCode> {
    let k6 = K6::find(&options.generator_on).await?;
    let mut tested = Tested::find(options, say).await?;
    let outcomes = all(options, &k6, &mut tested, say).await;
    tested.end().await?;
    let worst = outcomes?.into_iter().map(status).max_by_key(|status| (*status == 1, *status));
    Ok(ExitCode::from(worst.unwrap_or(2)))
}

async fn all(
    options: &RunOptions,
    k6: &K6,
    tested: &mut Tested,
    say: &dyn Fn(&str),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes = Vec::new();
    for name in &options.scenarios {
        let script = options.script(name);
        let scenario = script.inspect(k6).await?;
        let faults = scenario.faults.iter().filter(|fault| options.makes(fault));
        let runs: Vec<_> = if scenario.faults.is_empty() { vec![None] } else { faults.map(Some).collect() };
        for fault in runs {
            let done = once(options, k6, tested, &script, fault.map(String::as_str), say).await?;
            say(&judge::text(&done.run, &done.verdict));
            outcomes.push(done.verdict.outcome);
        }
    }
    Ok(outcomes)
}

const fn status(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Passed => 0,
        Outcome::Failed => 1,
        Outcome::NotValid => 3,
    }
}

/// One run of a script, with a fault in it where one is named.
///
/// # Errors
/// It could not be made, which says nothing about the target.
pub async fn once(
    options: &RunOptions,
    k6: &K6,
    tested: &mut Tested,
    script: &Script,
    fault: Option<&str>,
    say: &dyn Fn(&str),
) -> Result<Done, RunError> {
    let made = match fault {
        Some(name) => Some(Fault::named(name).ok_or_else(|| RunError::NoSuchFault(name.to_owned()))?),
        None => None,
    };
    let folder = Folder::make(&options.results, &script.name, fault)?;
    let mut script = script.clone();
    script.settings.extend(options.told(&folder, fault));
    let scenario = script.inspect(k6).await?;
    say(&format!("\n{}: {}", folder.test_id(), scenario.question));
    let target = tested.target();
    let prepared = Prepared::make(&scenario, &target, folder.test_id()).await?;
    script.settings.insert("ONSALE_GATEWAYS".to_owned(), target.gateways.join(","));
    script.settings.insert("ONSALE_OPERATOR_KEY".to_owned(), target.operator_key.clone());
    script.settings.extend(prepared.settings());
    let load =
        Load { k6, tested, script: &script, scenario: &scenario, folder: &folder, prepared: &prepared };
    let loaded = load.run(made).await;
    if let Some(guard) = prepared.guard {
        guard.put_back().await?;
    }
    conclude(tested, &folder, &scenario, script, (k6, loaded?)).await
}

/// The load itself.
struct Load<'a> {
    k6: &'a K6,
    tested: &'a mut Tested,
    script: &'a Script,
    scenario: &'a Scenario,
    folder: &'a Folder,
    prepared: &'a Prepared,
}

/// What was seen while the load was on.
struct Loaded {
    began_at: u64,
    ended_at: u64,
    exit_status: i32,
    samples: Vec<crate::results::Sample>,
    room: onsale_stack::operator::RoomSeen,
}

impl Load<'_> {
    async fn run(self, fault: Option<Fault>) -> Result<Loaded, RunError> {
        let guard = self.prepared.guard.as_ref();
        let watch = guard.map(|guard| Arc::new(RoomWatch::start(guard.desk().clone(), guard.room)));
        let target = self.tested.target();
        let began_at = now();
        let mut running = self.k6.launch(&Launch {
            script: &self.script.path,
            settings: &self.script.settings,
            test_id: self.folder.test_id(),
            folder: self.folder.path(),
            prometheus: target.prometheus.as_deref(),
        })?;
        let watched = Watched::default();
        let generator = running.pid().and_then(|pid| Running::now("k6", pid));
        watched.set(generator.iter().cloned().chain(target.processes).collect());
        let sampling = Sampling::begin(self.folder.path(), watched.clone(), watch.clone())?;
        let at_most = self.k6.lasts(&self.script.path, &self.script.settings).await?;
        let exit_status = {
            let events = phases::note(self.folder, self.scenario);
            let faults = faults::make(self.tested, self.folder, self.scenario, fault, (&watched, generator));
            let progress = progress::show(self.folder, at_most);
            tokio::select! {
                ended = running.end(at_most) => ended?,
                failed = events => return Err(failed.into()),
                failed = faults => return Err(failed),
                never = progress => match never {},
            }
        };
        let ended_at = now();
        let samples = sampling.end().await?;
        let room = watch.map(|watch| watch.seen()).unwrap_or_default();
        let exit_status = exit_status.and_then(|status| status.code()).unwrap_or(-1);
        Ok(Loaded { began_at, ended_at, exit_status, samples, room })
    }
}

/// Asks the stores, keeps everything, and judges.
async fn conclude(
    tested: &Tested,
    folder: &Folder,
    scenario: &Scenario,
    script: Script,
    (k6, loaded): (&K6, Loaded),
) -> Result<Done, RunError> {
    let target = tested.target();
    let findings = invariants::check(&target).await?;
    let mut settings = script.settings;
    // The key opens the admin API.
    settings.remove("ONSALE_OPERATOR_KEY");
    settings.extend(folder.told_by_script()?);
    let run = Run {
        test_id: folder.test_id().to_owned(),
        scenario: script.name,
        question: scenario.question.clone(),
        began_at: loaded.began_at,
        ended_at: loaded.ended_at,
        settings,
        offered: scenario.offered.clone(),
        calls: scenario.calls.clone(),
        proves: scenario.proves.clone(),
        generator: Generator {
            tool: "k6".to_owned(),
            version: k6.version.clone(),
            exit_status: loaded.exit_status,
            cpus: k6.cpus(),
        },
        environment: environment::look(&target).await,
    };
    folder.keep("run.json", &run)?;
    folder.keep("findings.json", &findings)?;
    if let Some(prometheus) = &target.prometheus {
        tokio::time::sleep(LAST_PUSH).await;
        let span = (run.began_at, run.ended_at);
        match series::read(prometheus, &run.test_id, span).await {
            Ok(series) => folder.keep("series.json", &series)?,
            // The verdict does not need them; a report says what is missing.
            Err(error) => folder.keep("series-missing.json", &error.to_string())?,
        }
    }
    let summary = folder.summary()?;
    let verdict = judge::judge(&Evidence {
        run: &run,
        summary: summary.as_ref(),
        samples: &loaded.samples,
        findings: &findings,
        room: &loaded.room,
        clock: tested.clock().await,
    });
    folder.keep("verdict.json", &verdict)?;
    Ok(Done { folder: folder.path().to_owned(), run, verdict })
}
