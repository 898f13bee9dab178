use std::{convert::Infallible, future::pending, io, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};

use super::Folder;
use crate::{
    results::What,
    sampling::{note as note_event, now},
    scenario::Scenario,
};

/// What a script says when its own preparations are done, and the load begins.
const BEGINS: &str = "onsale: setup done";
const LOOK: Duration = Duration::from_millis(100);

/// Waits until the script has said that the load begins.
pub(super) async fn until_it_begins(folder: &Folder) {
    while !folder.log().contains(BEGINS) {
        sleep(LOOK).await;
    }
}

/// Notes when phases begin, and then does nothing more.
pub(super) async fn note(folder: &Folder, scenario: &Scenario) -> io::Error {
    match note_all(folder, scenario).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

async fn note_all(folder: &Folder, scenario: &Scenario) -> io::Result<Infallible> {
    until_it_begins(folder).await;
    let began = Instant::now();
    note_event(folder.path(), now(), What::Phase, "begin")?;
    for phase in &scenario.phases {
        sleep_until(began + Duration::try_from_secs_f64(phase.at).unwrap_or_default()).await;
        note_event(folder.path(), now(), What::Phase, &phase.name)?;
    }
    pending().await
}
