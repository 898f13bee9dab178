//! `k6/overload`: what becomes of visitors when there are more than the system bears.
//!
//! A load of half the capacity goes on all the time. Some seconds after its start a second one comes on top of it, so that both
//! together are the capacity times a factor, and goes again. What is promised: most of the capacity is still answered in time, who is
//! refused is refused at once and told when to come back, and soon after the end all is as before. The load is open: nobody who is
//! refused stays away, which is worse than real visitors do.

mod course;
mod load;

use std::process::ExitCode;

use clap::Args;

use crate::{
    generator::k6::K6,
    judge::{self, Evidence, OVERLOAD_CALLS},
    results::{Outcome, Overload},
    run::{PlaceOptions, Ready, RunError, Tested, ask_stores, worst},
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

/// Overloads, once for each factor. The worst of them is the exit status.
///
/// # Errors
/// A run could not be made.
pub async fn overload(options: &OverloadOptions, say: &dyn Fn(&str)) -> anyhow::Result<ExitCode> {
    let k6 = K6::find(&options.place.generator_on).await?;
    let tested = Tested::find(&options.place, say).await?;
    let outcomes = all(options, &k6, &tested, say).await;
    tested.end().await?;
    Ok(worst(outcomes?))
}

async fn all(
    options: &OverloadOptions,
    k6: &K6,
    tested: &Tested,
    say: &dyn Fn(&str),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes = Vec::new();
    for factor in &options.factors {
        outcomes.push(once(options, *factor, (k6, tested), say).await?);
    }
    Ok(outcomes)
}

async fn once(
    options: &OverloadOptions,
    factor: f64,
    (k6, tested): (&K6, &Tested),
    say: &dyn Fn(&str),
) -> Result<Outcome, RunError> {
    let mut script = options.place.script(&options.endpoint);
    // What is asked of seats is the whole list, and not whether it has changed.
    script.settings.entry("ETAG".to_owned()).or_insert("0".to_owned());
    let mut ready = Ready::make(&options.place, k6, tested, &script, None, &|_| {}).await?;
    say(&format!("\n{}: {} times {}/s", ready.folder.test_id(), factor, options.capacity));
    let load = load::Load {
        capacity: options.capacity,
        factor,
        seconds: options.seconds.into(),
        pinned: &options.place.generator_on,
    };
    let loaded = load::run(&load, tested, &mut ready).await;
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

fn line(overload: &Overload) -> String {
    let during = &overload.during;
    format!(
        "  of {:.0}/s {:.0}/s in time, {:.0}/s late, {:.0}/s told to come back, {:.0}/s failed",
        during.due, during.good, during.late, during.refused, during.failed
    )
}
