//! `k6/overload`: what becomes of visitors when there are more than the system bears.
//!
//! A load of half the capacity goes on all the time. Some seconds after its start a second one comes on top of it, so that both
//! together are the capacity times a factor, and goes again. What is promised: most of the capacity is still answered in time, who is
//! refused is refused at once and told when to come back, and soon after the end all is as before. The load is open: nobody who is
//! refused stays away, which is worse than real visitors do.

mod by_k6;
mod by_oha;
mod course;

use std::process::ExitCode;

use clap::Args;

use crate::{
    generator::k6::K6,
    judge::{self, Evidence, OVERLOAD_CALLS, Slos},
    results::{Outcome, Overload},
    run::{PlaceOptions, Ready, RunError, Tested, ask_stores, worst},
    scenario::Script,
};

/// What `overload` can be told.
#[derive(Args, Clone, Debug)]
pub struct OverloadOptions {
    /// Which call
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(OVERLOAD_CALLS))]
    endpoint: String,

    /// Requests a second that the system bears, as k6/capacity has found with the same processors
    #[arg(long, value_name = "RATE")]
    capacity: f64,

    /// How many times that is offered, one after the other
    #[arg(long, value_delimiter = ',', default_values_t = [1.5, 3.0])]
    factors: Vec<f64>,

    /// For how many seconds
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=3_600))]
    seconds: u32,

    #[command(flatten)]
    place: PlaceOptions,
}

/// The share of the capacity that is there all the time.
const ALWAYS: f64 = 0.5;
/// Seconds before the overload; the first of them warm up and are not counted.
const BEFORE: f64 = 6.0;
const WARM_UP: f64 = 2.0;
/// Seconds after it, in which all has to be well again; fewer by what a second generator takes to begin.
const AFTER: f64 = 10.0;
/// Seconds that a request may take before a virtual user is missing, and with it a request. Each of them costs k6 as the load rises.
const PATIENCE: f64 = 1.5;
/// As many as do not come to their limits. Each virtual user parses what all of them are let in with as the load rises, and with a
/// thousand of them k6 is late itself.
const BUYERS: u32 = 300;
/// Calls of which each visitor makes its own, so that only a script can.
const BY_SCRIPT: [&str; 1] = ["hold"];

/// More than the system bears.
struct Load<'a> {
    capacity: f64,
    factor: f64,
    seconds: f64,
    pinned: &'a [usize],
}

/// What was offered when, in seconds from the start.
struct Offer {
    before: (f64, f64),
    during: (f64, f64),
    after: (f64, f64),
}

/// What was read of refusals.
#[derive(Clone, Copy, Debug, Default)]
struct Refusals {
    read: usize,
    without_time: usize,
}

/// What is promised of 99 %; without a promise no answer is late.
fn in_time_ms(call: &str) -> f64 {
    Slos::ours().of(call).map_or(f64::INFINITY, |slo| slo.p99_ms)
}

/// Overloads, once for each factor. The worst of them is the exit status.
///
/// # Errors
/// A run could not be made.
pub async fn overload(options: &OverloadOptions, say: &dyn Fn(&str)) -> anyhow::Result<ExitCode> {
    let k6 = K6::find(&options.place.generator_on).await?;
    let work = async |tested: &mut Tested| all(options, &k6, tested, say).await;
    Ok(worst(Tested::during(&options.place, say, work).await?))
}

async fn all(
    options: &OverloadOptions,
    k6: &K6,
    tested: &mut Tested,
    say: &dyn Fn(&str),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes = Vec::new();
    for factor in &options.factors {
        outcomes.push(once(options, *factor, (k6, &mut *tested), say).await?);
    }
    Ok(outcomes)
}

async fn once(
    options: &OverloadOptions,
    factor: f64,
    (k6, tested): (&K6, &mut Tested),
    say: &dyn Fn(&str),
) -> Result<Outcome, RunError> {
    let mut ready = Ready::make(&options.place, k6, tested, &script(options, factor), None, &|_| {}).await?;
    say(&format!("\n{}: {} times {}/s", ready.folder.test_id(), factor, options.capacity));
    let load = Load {
        capacity: options.capacity,
        factor,
        seconds: options.seconds.into(),
        pinned: &options.place.generator_on,
    };
    let loaded = if BY_SCRIPT.contains(&options.endpoint.as_str()) {
        by_k6::run(&load, k6, tested, &ready).await
    } else {
        by_oha::run(&load, tested, &mut ready).await
    };
    ready.put_back().await?;
    let (loaded, overload) = loaded?;
    ready.folder.keep("overload.json", &overload)?;
    let (run, findings) = ask_stores(tested, &ready, &loaded).await?;
    let evidence = Evidence {
        run: &run,
        summary: None,
        samples: &loaded.samples,
        findings: &findings,
        room: &loaded.room,
        clock: None,
    };
    let verdict = judge::judge_overload(&evidence, &overload);
    ready.folder.keep("verdict.json", &verdict)?;
    say(&line(&overload));
    say(&judge::text(&run, &verdict));
    Ok(verdict.outcome)
}

/// What is told where nothing else is: of seats the whole list is asked for, and not whether it has changed; buyers are many
/// enough not to come to their limits, and virtual users few enough for k6 to be on time.
fn script(options: &OverloadOptions, factor: f64) -> Script {
    let mut script = options.place.script(&options.endpoint);
    let users = (PATIENCE * factor * options.capacity).ceil();
    let unless_told = [("ETAG", "0".to_owned()), ("POOL", BUYERS.to_string()), ("VUS", users.to_string())];
    for (name, value) in unless_told {
        script.settings.entry(name.to_owned()).or_insert(value);
    }
    script.settings.extend([
        ("SHAPE".to_owned(), "overload".to_owned()),
        ("RATE".to_owned(), options.capacity.to_string()),
        ("FACTOR".to_owned(), factor.to_string()),
        ("DURATION".to_owned(), format!("{}s", options.seconds)),
    ]);
    script
}

fn line(overload: &Overload) -> String {
    let during = &overload.during;
    format!(
        "  of {:.0}/s {:.0}/s in time, {:.0}/s late, {:.0}/s told to come back, {:.0}/s failed",
        during.due, during.good, during.late, during.refused, during.failed
    )
}
