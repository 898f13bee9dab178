use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, process::ExitStatus, time::Duration};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{Port, StackError, child::Child, folder, http};

mod launch;
mod options;

use launch::launch;
pub use launch::{binary, run_to_end};
pub use options::ServiceOptions;

const READY: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(30);

/// One of Onsale's programs, in a process of its own.
#[derive(Debug)]
pub struct Service {
    child: Child,
    options: ServiceOptions,
    program: PathBuf,
    folder: PathBuf,
    addresses: BTreeMap<String, SocketAddr>,
    _ports: [Port; 2],
    _throw_away: Option<TempDir>,
}

impl Service {
    /// Starts a program, and waits until it has opened its ports. It need not be ready then.
    ///
    /// The program sees none of this process's `ONSALE_` variables, only those of the options.
    ///
    /// # Errors
    /// The program has not been built, or ends, or opens no ports.
    pub async fn start(mut options: ServiceOptions) -> Result<Self, StackError> {
        let program = launch::program(&options)?;
        let (folder, throw_away) = folder::prepare(options.folder.as_deref())?;
        let ports = [Port::reserve()?, Port::reserve()?];
        for (name, port) in ["ONSALE_LISTEN", "ONSALE_OPS_LISTEN"].into_iter().zip(&ports) {
            let address = format!("127.0.0.1:{}", port.number());
            options.environment.entry(name.to_owned()).or_insert(address);
        }
        let (child, addresses) = launch(&options, &program, &folder).await?;
        Ok(Self { child, options, program, folder, addresses, _ports: ports, _throw_away: throw_away })
    }

    /// The name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        self.options.label()
    }

    /// An address that the program has opened, by its name: `grpc`, `http`, `ops`.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.addresses.get(name).copied()
    }

    /// The same as an `http://` address; empty when the program has not opened it.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        self.address(name).map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// The process's id; another one after a restart.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.pid()
    }

    /// Where the log is.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.options.log_in(&self.folder)
    }

    /// What the ops port answers: the status and the body; `None` when it does not within two seconds.
    pub async fn ops(&self, path: &str) -> Option<(u16, String)> {
        http::get(self.address("ops")?, path).await
    }

    /// Waits until the program says that it is ready.
    ///
    /// # Errors
    /// It ends, or does not become ready in time.
    pub async fn until_ready(&mut self) -> Result<(), StackError> {
        self.until_readiness_is(200, "be ready").await
    }

    /// Waits until the program says that it is not ready.
    ///
    /// # Errors
    /// It ends, or stays ready.
    pub async fn until_unready(&mut self) -> Result<(), StackError> {
        self.until_readiness_is(503, "be unready").await
    }

    async fn until_readiness_is(&mut self, status: u16, condition: &'static str) -> Result<(), StackError> {
        let ops = self.address("ops");
        let holds = || async move {
            let Some(ops) = ops else { return false };
            http::get(ops, "/readyz").await.is_some_and(|(now, _)| now == status)
        };
        self.child.until(condition, READY, holds).await
    }

    /// Ends the program as a crash would, and waits until it is gone.
    ///
    /// # Errors
    /// It has ended already.
    pub fn kill9(&mut self) -> Result<(), StackError> {
        self.child.signal(Signal::SIGKILL)?;
        self.child.wait()
    }

    /// Lets the program stand still: connections stay, nothing is answered.
    ///
    /// # Errors
    /// It has ended.
    pub fn freeze(&mut self) -> Result<(), StackError> {
        self.child.signal(Signal::SIGSTOP)
    }

    /// Lets a frozen program go on.
    ///
    /// # Errors
    /// It has ended.
    pub fn thaw(&mut self) -> Result<(), StackError> {
        self.child.signal(Signal::SIGCONT)
    }

    /// Asks the program to end, and waits.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn stop(&mut self) -> Result<ExitStatus, StackError> {
        self.child.stop(Signal::SIGTERM, STOP).await
    }

    /// Starts the program again on the same ports, after stopping it where it still runs.
    ///
    /// # Errors
    /// It does not stop or start in time.
    pub async fn restart(&mut self) -> Result<(), StackError> {
        self.stop().await?;
        (self.child, self.addresses) = launch(&self.options, &self.program, &self.folder).await?;
        Ok(())
    }

    /// How the program ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.status()
    }
}
