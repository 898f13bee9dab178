use std::{collections::BTreeMap, fs};

use onsale_stack::Running;

use super::{Loaded, Ready, RunError, Tested, watching::Watching};
use crate::{
    environment,
    generator::oha::{CONNECTIONS, OhaLoad, Told, oha_version},
    prepare::requests::Asked,
    results::{Generator, Offered},
    sampling::now,
};

/// Before it is measured, the same load for so many seconds: connections are made and views are fetched.
const WARM_UP_SECONDS: f64 = 3.0;

/// oha makes one request again and again, at the rate that the script would be told.
pub(crate) async fn run(
    tested: &Tested,
    ready: &mut Ready,
    (rate, seconds): (f64, f64),
    pinned: &[usize],
) -> Result<Loaded, RunError> {
    let version = oha_version().await?;
    let target = tested.target();
    let call = ready.script.name.clone();
    let asked =
        Asked::of(&call, &target, &ready.prepared, ready.folder.test_id(), &ready.script.settings).await?;
    ready.scenario.offered = vec![Offered { scenario: call.clone(), rate, seconds }];
    // oha counts nothing of ours: that it did what it says is told by statuses.
    ready.scenario.proves.clear();
    let mut load = OhaLoad {
        request: asked.request.clone(),
        bodies: None,
        rate,
        seconds: WARM_UP_SECONDS,
        connections: CONNECTIONS,
    };
    let bodies = ready.folder.path().join("bodies.txt");
    asked.bodies(&mut load, &bodies, "warm-up")?;
    load.start(Told::Summary, pinned)?.end(load.at_most()).await?;
    load.seconds = seconds;
    asked.bodies(&mut load, &bodies, "visitor")?;
    let began_at = now();
    let launched = load.start(Told::Summary, pinned)?;
    let generator = launched.pid().and_then(|pid| Running::now("oha", pid));
    let watching = Watching::begin(ready, target.processes, (generator, began_at))?;
    let (status, said) = launched.end(load.at_most()).await?;
    let exit_status = status.code().unwrap_or(-1);
    let cpus = environment::allowed(pinned);
    let loaded = watching.end(Generator { tool: "oha".to_owned(), version, exit_status, cpus }).await?;
    fs::write(ready.folder.path().join("oha.json"), &said)?;
    if load.bodies.is_some() {
        fs::remove_file(&bodies)?;
    }
    ready.folder.keep("summary.json", &load.summary(&said, &call, &asked.expected)?)?;
    ready.folder.keep("settings.json", &BTreeMap::from([("RATE", rate), ("DURATION", seconds)]))?;
    Ok(loaded)
}
