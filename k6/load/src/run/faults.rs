use std::{future::pending, time::Duration};

use tokio::time::sleep;

use super::{Folder, RunError, Tested, phases::until_it_begins, target::pin, watching::Watching};
use crate::{
    fault::Fault,
    results::What,
    sampling::{note, now},
    scenario::Scenario,
};

/// Breaks what the run is about and mends it after a while, and then does nothing more.
pub(super) async fn make(
    tested: &mut Tested,
    folder: &Folder,
    scenario: &Scenario,
    fault: Option<Fault>,
    watching: &Watching,
) -> RunError {
    let Some(fault) = fault else { return pending().await };
    let Tested::Own { stack, servers_on, .. } = tested else {
        return RunError::NotOurs(folder.test_id().to_owned());
    };
    let done = async {
        until_it_begins(folder).await;
        sleep(seconds(scenario.fault_at)).await;
        note(folder.path(), now(), What::Fault, fault.name())?;
        fault.make(stack)?;
        sleep(seconds(scenario.fault_lasts)).await;
        fault.mend(stack).await?;
        // Killed processes have others in their place, which may run anywhere.
        pin(&stack.running(), servers_on)?;
        note(folder.path(), now(), What::Mended, fault.name())?;
        watching.follow(stack.running());
        Ok::<_, RunError>(())
    };
    match done.await {
        Ok(()) => pending().await,
        Err(error) => error,
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
