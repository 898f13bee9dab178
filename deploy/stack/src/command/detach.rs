use std::{
    env,
    fs::{self, File},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use onsale_stack::{Folder, until};

use super::{UpOptions, say};

/// Starting includes making a cluster and loading the demo's concerts.
const READY: Duration = Duration::from_mins(10);

/// Starts everything in the background, and returns when it is ready.
pub(super) async fn up(options: &UpOptions) -> anyhow::Result<ExitCode> {
    let folder = Folder::open(&options.folder.path)?;
    folder.is_free()?;
    let _ = fs::remove_file(folder.ready());
    let mut starter = spawn(options, &folder)?;
    let ready = until(READY, || {
        let ended = starter.try_wait().ok().flatten();
        let text = fs::read_to_string(folder.ready()).ok().filter(|text| !text.is_empty());
        async move { text.map(Ok).or_else(|| ended.map(Err)) }
    });
    match ready.await {
        Some(Ok(text)) => {
            say(&text);
            say("deploy/down stops it; the data stays.");
            Ok(ExitCode::SUCCESS)
        }
        Some(Err(_)) => {
            say(fs::read_to_string(folder.up_log()).unwrap_or_default().trim_end());
            Ok(ExitCode::FAILURE)
        }
        None => anyhow::bail!(
            "not ready within {READY:?}; see {}, and stop it by deploy/down",
            folder.up_log().display()
        ),
    }
}

/// This program again, in a session of its own, so that it outlives the terminal.
fn spawn(options: &UpOptions, folder: &Folder) -> anyhow::Result<Child> {
    let log = File::create(folder.up_log()).context("write the log")?;
    let errors = log.try_clone().context("write the log")?;
    let this = env::current_exe().context("find this program")?;
    let mut command = Command::new("setsid");
    command.arg(this).arg("up").arg("--folder").arg(folder.path());
    command.args(["--copies", &options.copies.to_string(), "--listen", &options.listen.to_string()]);
    command.args(options.observe.then_some("--observe"));
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().context("start in the background")
}
