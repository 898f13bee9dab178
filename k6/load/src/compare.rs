//! The four calls by wrk with one thread and 32 connections for ten seconds: what others have published figures of.
//!
//! A closed loop has no objectives and no capacity: see [`wrk`](crate::generator::wrk). It is here for that one comparison.

use std::{collections::BTreeMap, process::ExitCode};

use clap::Args;

use crate::{
    environment,
    generator::{
        k6::K6,
        wrk::{Closed, WrkLoad, wrk_version},
    },
    prepare::requests::Asked,
    results::Compared,
    run::{Folder, PlaceOptions, Ready, RunError, Tested},
};

const CALLS: [&str; 4] = ["token", "status", "schedules", "seats"];
const CONNECTIONS: usize = 32;

/// What `compare` can be told.
#[derive(Args, Clone, Debug)]
pub struct CompareOptions {
    /// How often each call is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// For how many seconds each time
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,

    #[command(flatten)]
    place: PlaceOptions,
}

/// Measures each call, the rounds one after the other, so that what else the machine does meets all calls alike.
///
/// # Errors
/// A call could not be measured.
pub async fn compare(options: &CompareOptions, say: &dyn Fn(&str)) -> anyhow::Result<ExitCode> {
    let k6 = K6::find(&options.place.generator_on).await?;
    let folder = Folder::make(&options.place.results, "compare", None)?;
    let mut place = options.place.clone();
    place.results = folder.path().to_owned();
    let work = async |tested: &mut Tested| all(options, &place, (&k6, tested), say).await;
    folder.keep("compare.json", &Tested::during(&place, say, work).await?)?;
    Ok(ExitCode::SUCCESS)
}

async fn all(
    options: &CompareOptions,
    place: &PlaceOptions,
    (k6, tested): (&K6, &Tested),
    say: &dyn Fn(&str),
) -> Result<Compared, RunError> {
    let mut calls: BTreeMap<String, Vec<Closed>> = BTreeMap::new();
    for _ in 0..options.rounds {
        for call in CALLS {
            let closed = once(options, place, (k6, tested), call).await?;
            say(&line(call, &closed));
            calls.entry(call.to_owned()).or_default().push(closed);
        }
    }
    Ok(Compared {
        version: wrk_version().await?,
        connections: CONNECTIONS,
        calls,
        environment: environment::look(&tested.target()).await,
    })
}

async fn once(
    options: &CompareOptions,
    place: &PlaceOptions,
    (k6, tested): (&K6, &Tested),
    call: &str,
) -> Result<Closed, RunError> {
    let mut script = place.script(call);
    // Everybody sees the seats for the first time, as with those who are compared with.
    script.settings.entry("ETAG".to_owned()).or_insert("0".to_owned());
    let mut ready = Ready::make(place, k6, tested, &script, None, &|_| {}).await?;
    let target = tested.target();
    let asked =
        Asked::of(call, &target, &ready.prepared, ready.folder.test_id(), &ready.script.settings).await?;
    let load = WrkLoad {
        request: asked.request,
        prefix: ready.folder.test_id().to_owned(),
        concert: ready.prepared.data.as_ref().map(|data| data.concert),
        connections: CONNECTIONS,
        seconds: options.seconds,
    };
    let launched = load.start(&ready.folder.path().join("wrk.lua"), &place.generator_on)?;
    let (_, said) = launched.end(load.at_most()).await?;
    ready.put_back().await?;
    std::fs::write(ready.folder.path().join("wrk.txt"), &said)?;
    Ok(Closed::read(&said)?)
}

fn line(call: &str, closed: &Closed) -> String {
    let Closed { rate, p50_ms, p99_ms, refused, unanswered, .. } = closed;
    format!(
        "  {call:<10} {rate:>9.0}/s   p50 {p50_ms:.2} ms   p99 {p99_ms:.2} ms   {refused} refused, {unanswered} not answered"
    )
}
