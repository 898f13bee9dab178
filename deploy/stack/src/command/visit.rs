//! A crowd that comes, waits, looks, holds and buys, and what it saw.
//!
//! Visitors come over some seconds, whether or not those before them are served: how many come does not depend on how
//! fast they are answered. Seven in ten buy, two go away with a hold, one buys and takes it back.

mod api;
mod choice;
mod crowd;
mod report;
mod room;
mod seen;
mod tally;
mod visitor;

use std::{process::ExitCode, time::Duration};

use clap::Args;
use onsale_stack::{Elsewhere, invariants};

use super::{FolderOption, say};
use room::Guarded;

/// What `visit` can be told.
#[derive(Args, Clone)]
pub(super) struct VisitOptions {
    #[command(flatten)]
    folder: FolderOption,

    /// How many visitors come
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    visitors: u32,

    /// Over how many seconds they come
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=3_600))]
    over: u32,

    /// How many may be in at once during the visit; unless told, a fifth of the visitors where the site room is off, and
    /// as many as before where it is in force
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    capacity: Option<u32>,

    /// After how many seconds a visitor gives up
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    patience: u32,

    // Last, since what follows a heading is under it.
    #[command(flatten, next_help_heading = "An Onsale that `up` has not started")]
    elsewhere: Elsewhere,
}

/// Walks everybody through, and says what came of it. Fails where something is broken, or nobody bought anything.
pub(super) async fn visit(options: &VisitOptions) -> anyhow::Result<ExitCode> {
    let target = options.elsewhere.target(&options.folder.path)?;
    let guarded = Guarded::put_in_force(&target, (options.visitors / 5).max(2), options.capacity).await?;
    say(&guarded.summary());
    let watching = guarded.watch();
    let patience = Duration::from_secs(options.patience.into());
    let outcome = tokio::select! {
        outcome = crowd::walk(&target, (options.visitors, options.over), patience) => outcome,
        // The room is not left in force because somebody has seen enough.
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped")),
    };
    let room = watching.end().await;
    let findings = invariants::check(&target).await;
    guarded.put_back().await?;
    let report = report::Report { tally: outcome?, room, stores: findings? };
    say(&report.text());
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
