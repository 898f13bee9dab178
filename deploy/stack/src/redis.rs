use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::sys::signal::Signal;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    Port, StackError,
    child::{Child, bound_to_us},
    folder,
};

/// Loading a long append-only file takes its time.
const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(20);

/// When Redis makes sure that what it acknowledged is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fsync {
    /// Before it acknowledges: what Onsale ships.
    Always,
    /// About every second: a kill loses what was acknowledged since.
    EverySecond,
}

/// How to run a Redis. The default is a throw-away one that is as durable as Onsale's.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// When to fsync.
    pub fsync: Fsync,
    /// Where to keep the data, also afterwards; `None` for a folder that goes with the server.
    pub folder: Option<PathBuf>,
    /// What clients have to know, without spaces; without it whoever reaches the loopback port is let in.
    pub password: Option<String>,
    /// More settings, such as `("maxmemory", "64mb")`.
    pub settings: Vec<(String, String)>,
    /// More environment, such as a library to load before all others.
    pub environment: Vec<(String, String)>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            fsync: Fsync::Always,
            folder: None,
            password: None,
            settings: Vec::new(),
            environment: Vec::new(),
        }
    }
}

/// A Redis of one's own.
#[derive(Debug)]
pub struct Redis {
    child: Child,
    options: RedisOptions,
    folder: PathBuf,
    port: Port,
    _throw_away: Option<TempDir>,
}

impl Redis {
    /// Starts Redis, and waits until it answers.
    ///
    /// # Errors
    /// Redis is not installed, or does not start.
    pub async fn start(options: RedisOptions) -> Result<Self, StackError> {
        let (folder, throw_away) = folder::prepare(options.folder.as_deref())?;
        let port = Port::reserve()?;
        let child = spawn(&options, &folder, port.number())?;
        let mut redis = Self { child, options, folder, port, _throw_away: throw_away };
        redis.until_it_answers().await?;
        Ok(redis)
    }

    /// The address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        let password =
            self.options.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{password}127.0.0.1:{}", self.port.number())
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// What clients have to know, if anything.
    pub(crate) fn password(&self) -> Option<&str> {
        self.options.password.as_deref()
    }

    /// The process's id; another one after a restart.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.pid()
    }

    /// Where the data is: `appendonlydir` is in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the log is.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("redis.log")
    }

    /// Ends Redis as a crash would, and waits until it is gone.
    ///
    /// # Errors
    /// It has ended already.
    pub fn kill9(&mut self) -> Result<(), StackError> {
        self.child.signal_family(Signal::SIGKILL)?;
        self.child.wait()
    }

    /// Lets Redis stand still: connections stay, nothing is answered.
    ///
    /// # Errors
    /// It has ended.
    pub fn freeze(&mut self) -> Result<(), StackError> {
        self.child.signal(Signal::SIGSTOP)
    }

    /// Lets a frozen Redis go on.
    ///
    /// # Errors
    /// It has ended.
    pub fn thaw(&mut self) -> Result<(), StackError> {
        self.child.signal(Signal::SIGCONT)
    }

    /// Asks Redis to end, and waits.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn stop(&mut self) -> Result<(), StackError> {
        self.child.stop(Signal::SIGTERM, STOP).await.map(|_| ())
    }

    /// Starts Redis again in the same folder and on the same port, after stopping it where it still runs.
    ///
    /// # Errors
    /// It does not stop or start in time.
    pub async fn restart(&mut self) -> Result<(), StackError> {
        self.stop().await?;
        self.child = spawn(&self.options, &self.folder, self.port.number())?;
        self.until_it_answers().await
    }

    /// How Redis ended, when it has.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.status()
    }

    async fn until_it_answers(&mut self) -> Result<(), StackError> {
        let port = self.port.number();
        self.child.until("answer a ping", START, || answers(port)).await
    }
}

fn spawn(options: &RedisOptions, folder: &Path, port: u16) -> Result<Child, StackError> {
    let program = program()?;
    let file = folder.join("redis.conf");
    // In a file, since everybody may see a process's arguments.
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file);
    let written = written.and_then(|mut file| file.write_all(settings(options, port).as_bytes()));
    written.map_err(StackError::file(&file))?;
    let mut command = bound_to_us(&program);
    let environment = options.environment.iter().map(|(name, value)| (name, value));
    command.current_dir(folder).arg(&file).envs(environment);
    Child::spawn("redis", command, &folder.join("redis.log"))
}

fn settings(options: &RedisOptions, port: u16) -> String {
    let fsync = match options.fsync {
        Fsync::Always => "always",
        Fsync::EverySecond => "everysec",
    };
    let mut settings = format!(
        "bind 127.0.0.1\nport {port}\ndaemonize no\nsave \"\"\nappendonly yes\nappendfsync {fsync}\n"
    );
    let password = options.password.iter().map(|password| ("requirepass", password.as_str()));
    let more = options.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in password.chain(more) {
        // A String takes whatever is written to it.
        let _ = writeln!(settings, "{name} {value}");
    }
    settings
}

fn program() -> Result<PathBuf, StackError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program =
        std::env::split_paths(&path).map(|folder| folder.join("redis-server")).find(|path| path.is_file());
    program.ok_or_else(|| StackError::NotInstalled {
        program: "redis-server".to_owned(),
        remedy: "apt-get install redis-server".to_owned(),
    })
}

/// A Redis that loads its data refuses commands with another word than one that wants a password.
async fn answers(port: u16) -> bool {
    let ping = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.map(|_| answer)
    };
    ping.await.is_ok_and(|answer| matches!(&answer, b"+PONG" | b"-NOAU"))
}
