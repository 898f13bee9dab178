use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{
    Port, StackError,
    child::{Child, bound_to_us},
    http,
};

const START: Duration = Duration::from_secs(30);
const READY: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(30);

/// How to run one of Onsale's programs.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    name: String,
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
    environment: BTreeMap<String, String>,
    folder: Option<PathBuf>,
}

impl ServiceOptions {
    /// The program of that name as cargo built it, with no settings.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            program: None,
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            folder: None,
        }
    }

    /// Another name in messages and for the log, such as `onsale-queue-2`; call it after [`Self::program`].
    #[must_use]
    pub fn called(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The program's file, where it is not beside this one's.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// One more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// A setting. `ONSALE_LISTEN` and `ONSALE_OPS_LISTEN` are ports of the service's own unless they are set.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Where to keep the log, also afterwards; without it in a folder that goes with the service.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }
}

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
        let program = match &options.program {
            Some(program) => program.clone(),
            None => binary(&options.name)?,
        };
        let throw_away = options.folder.is_none().then(tempfile::tempdir).transpose();
        let throw_away = throw_away.map_err(StackError::file(env::temp_dir()))?;
        let kept = options.folder.clone().unwrap_or_else(env::temp_dir);
        let folder = throw_away.as_ref().map_or(kept, |folder| folder.path().to_owned());
        fs::create_dir_all(&folder).map_err(StackError::file(&folder))?;
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
        &self.options.name
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
        log(&self.options, &self.folder)
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

async fn launch(
    options: &ServiceOptions,
    program: &Path,
    folder: &Path,
) -> Result<(Child, BTreeMap<String, SocketAddr>), StackError> {
    let address_file = folder.join(format!("{}.addresses", options.name));
    // What an earlier process wrote is not this one's.
    let _ = fs::remove_file(&address_file);
    let mut command = bound_to_us(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ONSALE_")) {
        command.env_remove(name);
    }
    command.args(&options.arguments).envs(&options.environment).env("ONSALE_ADDRESS_FILE", &address_file);
    let mut child = Child::spawn(&options.name, command, &log(options, folder))?;
    child.until("open its ports", START, || async { address_file.exists() }).await?;
    let text = fs::read(&address_file).map_err(StackError::file(&address_file))?;
    let addresses =
        serde_json::from_slice(&text).map_err(|error| StackError::file(&address_file)(error.into()))?;
    Ok((child, addresses))
}

fn log(options: &ServiceOptions, folder: &Path) -> PathBuf {
    folder.join(format!("{}.log", options.name))
}

/// A program that cargo built: in the folder that `ONSALE_PROGRAMS` names, or beside this one.
///
/// # Errors
/// It is not there.
pub fn binary(name: &str) -> Result<PathBuf, StackError> {
    let folders = match env::var_os("ONSALE_PROGRAMS") {
        Some(folder) => vec![PathBuf::from(folder)],
        // A test's file is one folder below the programs'.
        None => env::current_exe()
            .map(|this| this.ancestors().skip(1).take(2).map(Path::to_owned).collect())
            .unwrap_or_default(),
    };
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| StackError::NotInstalled {
        program: name.to_owned(),
        remedy: format!("cargo build --bin {name}"),
    })
}
