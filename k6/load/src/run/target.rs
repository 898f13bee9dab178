use std::time::Duration;

use onsale_stack::{Running, Stack, StackError, StackOptions, Target, procfs};
use reqwest::{Client, header};
use tempfile::TempDir;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::{PlaceOptions, RunError};

/// How long a gateway may take to say what time it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// The Onsale that is tested.
pub enum Tested {
    /// Somebody else's.
    Running(Target),
    /// One that was started for the run, and goes with it.
    Own {
        /// What runs.
        stack: Box<Stack>,
        /// Where it keeps everything.
        folder: TempDir,
        /// The processors that it is kept on; any where there are none.
        servers_on: Vec<usize>,
    },
}

impl Tested {
    /// Has the one that runs, or one that is started for it, for some work. What was started is stopped, whatever came of that.
    ///
    /// # Errors
    /// Nothing runs, what is started does not come up or does not stop, or the work fails.
    pub async fn during<T, E: From<RunError>>(
        options: &PlaceOptions,
        say: &dyn Fn(&str),
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tested = Self::find(options, say).await?;
        let done = work(&mut tested).await;
        let ended = tested.end().await;
        // Why the work failed says more than what came of stopping what it left behind.
        let done = done?;
        ended.map_err(RunError::from)?;
        Ok(done)
    }

    async fn find(options: &PlaceOptions, say: &dyn Fn(&str)) -> Result<Self, RunError> {
        let tested = if options.own {
            let folder = tempfile::tempdir()?;
            let stack = StackOptions {
                folder: folder.path().join("onsale"),
                copies: options.copies,
                observe: options.observe,
                ..StackOptions::default()
            };
            let servers_on = options.servers_on.clone();
            Self::Own { stack: Box::new(Stack::start(stack, say).await?), folder, servers_on }
        } else {
            Self::Running(options.target()?)
        };
        pin(&tested.target().processes, &options.servers_on)?;
        Ok(tested)
    }

    /// Where it is now: processes are others after a restart.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::Running(target) => target.clone(),
            Self::Own { stack, .. } => stack.target(),
        }
    }

    /// How far a gateway's clock is ahead of ours, in seconds; `None` where it does not say. HTTP tells whole seconds (RFC 9110,
    /// section 5.6.7), so that up to one may be rounding.
    pub async fn clock(&self) -> Option<f64> {
        let gateway = self.target().gateways.into_iter().next()?;
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().ok()?;
        let answer = client.get(format!("{gateway}/api/concerts?limit=1")).send().await.ok()?;
        let date = answer.headers().get(header::DATE)?.to_str().ok()?;
        let date = OffsetDateTime::parse(date, &Rfc2822).ok()?;
        Some((date - OffsetDateTime::now_utc()).as_seconds_f64())
    }

    async fn end(self) -> Result<(), StackError> {
        match self {
            Self::Running(_) => Ok(()),
            Self::Own { stack, folder, .. } => {
                let stopped = stack.stop().await;
                drop(folder);
                stopped
            }
        }
    }
}

/// Keeps these processes, and those that they have started, on these processors.
pub(super) fn pin(processes: &[Running], cpus: &[usize]) -> Result<(), StackError> {
    if cpus.is_empty() {
        return Ok(());
    }
    for process in processes {
        // Before it is asked which it has started: later ones are where it is.
        keep_on(process.pid, cpus)?;
        procfs::processes_of(process.pid).into_iter().try_for_each(|pid| keep_on(pid, cpus))?;
    }
    Ok(())
}

fn keep_on(pid: i32, cpus: &[usize]) -> Result<(), StackError> {
    match procfs::set_affinity(pid, cpus) {
        // Connections of Postgres are processes, which come and go.
        Err(_) if procfs::start_time(pid).is_none() => Ok(()),
        kept => kept,
    }
}
