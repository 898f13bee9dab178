//! One run, from getting ready to the verdict.

mod faults;
mod folder;
pub(crate) mod k6_load;
pub(crate) mod oha_load;
mod options;
mod phases;
mod progress;
mod ready;
mod target;
mod watching;

use std::{process::ExitCode, time::Duration};

use onsale_stack::{
    StackError,
    invariants::{self, Finding},
};

pub use folder::{Folder, FolderError, samples};
use k6_load::With;
pub use options::{PlaceOptions, RunOptions};
pub(crate) use ready::{Loaded, Ready};
pub use target::Tested;
pub(crate) use watching::Watching;

use crate::{
    environment,
    fault::Fault,
    generator::{
        k6::{K6, K6Error},
        program::ProgramError,
    },
    judge::{self, Evidence},
    prepare::PrepareError,
    results::{Outcome, Run, Summary, Verdict},
    scenario::Script,
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
    /// A generator besides k6.
    #[error(transparent)]
    Program(#[from] ProgramError),
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
    /// None of the scenarios that were named makes any of the faults that were.
    #[error("none of {scenarios} makes {faults}; k6/README.md lists who makes which")]
    NothingToMake {
        /// The scenarios.
        scenarios: String,
        /// The faults.
        faults: String,
    },
    /// The scenario breaks what somebody else has started.
    #[error("{0} breaks programs, which only who starts them can mend: --own starts some for it")]
    NotOurs(String),
}

/// What a run came to.
#[derive(Debug)]
pub struct Done {
    /// What was run.
    pub run: Run,
    /// What the generator measured.
    pub summary: Option<Summary>,
    /// What is to be made of it.
    pub verdict: Verdict,
}

/// Runs scenarios one after the other, and says what came of each. The worst of them is the exit status: 0 for passed, 1 for
/// failed, 3 for not valid.
///
/// # Errors
/// A run could not be made at all.
pub async fn run(options: &RunOptions, say: &dyn Fn(&str)) -> anyhow::Result<ExitCode> {
    let k6 = K6::find(&options.place.generator_on).await?;
    let work = async |tested: &mut Tested| all(options, &k6, tested, say).await;
    Ok(worst(Tested::during(&options.place, say, work).await?))
}

async fn all(
    options: &RunOptions,
    k6: &K6,
    tested: &mut Tested,
    say: &dyn Fn(&str),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes = Vec::new();
    for name in &options.scenarios {
        let script = options.place.script(name);
        let scenario = script.inspect(k6).await?;
        let faults = scenario.faults.iter().filter(|fault| options.makes(fault));
        let runs: Vec<_> = if scenario.faults.is_empty() { vec![None] } else { faults.map(Some).collect() };
        for fault in runs {
            let done = once(&options.place, k6, tested, &script, fault.map(String::as_str), say).await?;
            say(&judge::text(&done.run, &done.verdict));
            outcomes.push(done.verdict.outcome);
        }
    }
    if outcomes.is_empty() {
        let (scenarios, faults) = (options.scenarios.join(", "), options.faults.join(", "));
        return Err(RunError::NothingToMake { scenarios, faults });
    }
    Ok(outcomes)
}

/// The exit status for the worst of these.
pub(crate) fn worst(outcomes: Vec<Outcome>) -> ExitCode {
    let status = |outcome| match outcome {
        Outcome::Passed => 0,
        Outcome::Failed => 1,
        Outcome::NotValid => 3,
    };
    let worst = outcomes.into_iter().map(status).max_by_key(|status| (*status == 1, *status));
    ExitCode::from(worst.unwrap_or(2))
}

/// One run of a script, with a fault in it where one is named.
///
/// # Errors
/// It could not be made, which says nothing about the target.
pub async fn once(
    place: &PlaceOptions,
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
    let mut ready = Ready::make(place, k6, tested, script, fault, say).await?;
    let loaded = k6_load::run(k6, tested, &ready, With { fault: made, ..With::default() }).await;
    ready.put_back().await?;
    conclude(tested, ready, loaded?).await
}

/// Asks the stores, and keeps what they say and what was run.
pub(crate) async fn ask_stores(
    tested: &Tested,
    ready: &Ready,
    loaded: &Loaded,
) -> Result<(Run, Vec<Finding>), RunError> {
    let (folder, target) = (&ready.folder, tested.target());
    let findings = invariants::check(&target).await?;
    let run = ready.run(loaded, environment::look(&target).await)?;
    folder.keep("run.json", &run)?;
    folder.keep("findings.json", &findings)?;
    if let Some(prometheus) = &target.prometheus {
        tokio::time::sleep(LAST_PUSH).await;
        match series::read(prometheus, &run.test_id, (run.began_at, run.ended_at)).await {
            Ok(series) => folder.keep("series.json", &series)?,
            // The verdict does not need them; a report says what is missing.
            Err(error) => folder.keep("series-missing.json", &error.to_string())?,
        }
    }
    Ok((run, findings))
}

/// Asks the stores, keeps everything, and judges.
pub(crate) async fn conclude(tested: &Tested, ready: Ready, loaded: Loaded) -> Result<Done, RunError> {
    let folder = &ready.folder;
    let (run, findings) = ask_stores(tested, &ready, &loaded).await?;
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
    Ok(Done { run, summary, verdict })
}
