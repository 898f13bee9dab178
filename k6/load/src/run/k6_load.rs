use std::path::PathBuf;

use onsale_stack::Running;

use super::{Loaded, Ready, RunError, Tested, faults, phases, progress, watching::Watching};
use crate::{
    fault::Fault,
    generator::k6::{K6, Launch},
    results::Generator,
    sampling::now,
};

/// What a run has besides its script.
#[derive(Debug, Default)]
pub(crate) struct With {
    /// What is broken in it.
    pub(crate) fault: Option<Fault>,
    /// Where each measured value is written.
    pub(crate) answers: Option<PathBuf>,
}

/// k6 runs the script.
pub(crate) async fn run(k6: &K6, tested: &mut Tested, ready: &Ready, with: With) -> Result<Loaded, RunError> {
    let (folder, script) = (&ready.folder, &ready.script);
    let target = tested.target();
    let at_most = k6.lasts(&script.path, &script.settings).await?;
    let began_at = now();
    let mut running = k6.launch(&Launch {
        script: &script.path,
        settings: &script.settings,
        test_id: folder.test_id(),
        folder: folder.path(),
        prometheus: target.prometheus.as_deref(),
        answers: with.answers.as_deref(),
    })?;
    let generator = running.pid().and_then(|pid| Running::now("k6", pid));
    let watching = Watching::begin(ready, target.processes, (generator, began_at))?;
    let ended = tokio::select! {
        ended = running.end(at_most) => ended?,
        failed = phases::note(folder, &ready.scenario) => return Err(failed.into()),
        failed = faults::make(tested, folder, &ready.scenario, with.fault, &watching) => return Err(failed),
        never = progress::show(folder, at_most) => match never {},
    };
    let exit_status = ended.and_then(|status| status.code()).unwrap_or(-1);
    let version = k6.version.clone();
    let generator = Generator { tool: "k6".to_owned(), version, exit_status, cpus: k6.cpus() };
    Ok(watching.end(generator).await?)
}
