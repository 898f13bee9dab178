use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use nix::sys::signal::Signal;

use crate::{Port, StackError, child::Child};

mod account;
mod cluster;
mod programs;

use account::Account;
use cluster::Cluster;
use programs::Programs;

/// A crash is recovered from before anybody may connect.
const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(30);
/// One that stands still does not hear.
const DROP: Duration = Duration::from_secs(2);

/// The superuser of every cluster made here.
const USER: &str = "onsale";

/// How to run a Postgres. The default is a throw-away one that does not wait for the disk.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    /// Where to keep the data, also afterwards; `None` for a folder that goes with the server. Where the account
    /// that Postgres runs under cannot reach the folder, one in the system's folder for temporary files is taken.
    pub folder: Option<PathBuf>,
    /// Whether what is committed survives the end of the machine, and not only of the process.
    pub durable: bool,
    /// What clients have to know; without it whoever reaches the loopback port is let in.
    pub password: Option<String>,
    /// More settings, such as `("max_connections", "400")`.
    pub settings: Vec<(String, String)>,
}

/// A Postgres of one's own.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    options: PostgresOptions,
    programs: Programs,
    account: Account,
    cluster: Cluster,
    port: Port,
}

impl Postgres {
    /// Makes a cluster where there is none, starts Postgres on it, and waits until it lets clients in.
    ///
    /// # Errors
    /// Postgres is not installed, or does not start.
    pub async fn start(options: PostgresOptions) -> Result<Self, StackError> {
        let programs = Programs::find()?;
        let account = Account::of_this_process()?;
        let cluster = Cluster::prepare(&options, &programs, &account)?;
        let port = Port::reserve()?;
        let child = spawn(&options, &programs, &account, &cluster, port.number())?;
        let mut postgres = Self { child, options, programs, account, cluster, port };
        postgres.until_it_lets_clients_in().await?;
        Ok(postgres)
    }

    /// The address of a database, for clients. [`Self::create_database`] makes one; `postgres` is always there.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let password =
            self.options.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
        format!("postgres://{USER}{password}@127.0.0.1:{}/{database}", self.port.number())
    }

    /// Makes a database unless it is there, and gives its address. The name is of `a-z`, `0-9` and `_`.
    ///
    /// # Errors
    /// The name is none, or Postgres refuses.
    pub fn create_database(&self, name: &str) -> Result<String, StackError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(StackError::Refused {
                tool: "createdb".to_owned(),
                reason: format!("{name:?} is no name"),
            });
        }
        let known = self.sql(&format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"))?;
        if known.trim().is_empty() {
            self.sql(&format!("CREATE DATABASE {name}"))?;
        }
        Ok(self.url(name))
    }

    /// Runs SQL in the database `postgres`, and gives the unadorned rows.
    ///
    /// # Errors
    /// Postgres refuses.
    pub fn sql(&self, statement: &str) -> Result<String, StackError> {
        let mut command = self.programs.command("psql");
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        command.args(["--command", statement, &self.url("postgres")]);
        programs::output("psql", &mut command)
    }

    /// One of Postgres' own programs for clients, such as `pgbench`, of the version that runs. It is not told where
    /// to connect to: give it [`Self::url`].
    #[must_use]
    pub fn client(&self, program: &str) -> Command {
        self.programs.command(program)
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The process's id; another one after a restart.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.pid()
    }

    /// Where the cluster is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.cluster.folder()
    }

    /// Where the log is.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.cluster.log()
    }

    /// Ends Postgres, with every connection's process, as a crash would.
    ///
    /// # Errors
    /// It has ended already.
    pub fn kill9(&mut self) -> Result<(), StackError> {
        self.child.signal_family(Signal::SIGKILL)?;
        self.child.wait()
    }

    /// Lets Postgres, with every connection's process, stand still.
    ///
    /// # Errors
    /// It has ended.
    pub fn freeze(&mut self) -> Result<(), StackError> {
        self.child.signal_family(Signal::SIGSTOP)
    }

    /// Lets a frozen Postgres go on.
    ///
    /// # Errors
    /// It has ended.
    pub fn thaw(&mut self) -> Result<(), StackError> {
        self.child.signal_family(Signal::SIGCONT)
    }

    /// Asks Postgres to end without waiting for its clients, and waits.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn stop(&mut self) -> Result<(), StackError> {
        self.child.stop(Signal::SIGINT, STOP).await.map(|_| ())
    }

    /// Starts Postgres again on the same cluster and port, after stopping it where it still runs.
    ///
    /// # Errors
    /// It does not stop or start in time.
    pub async fn restart(&mut self) -> Result<(), StackError> {
        self.stop().await?;
        self.child = spawn(&self.options, &self.programs, &self.account, &self.cluster, self.port.number())?;
        self.until_it_lets_clients_in().await
    }

    /// How Postgres ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.status()
    }

    async fn until_it_lets_clients_in(&mut self) -> Result<(), StackError> {
        let (programs, url) = (self.programs.clone(), self.url("postgres"));
        let lets_in = || {
            let mut probe = programs.command("pg_isready");
            let lets_in = programs::output("pg_isready", probe.args(["--dbname", &url])).is_ok();
            async move { lets_in }
        };
        self.child.until("let clients in", START, lets_in).await
    }
}

impl Drop for Postgres {
    /// At once, but by itself: a Postgres that is killed leaves its shared memory to the system, which has room for
    /// some thousand of them.
    fn drop(&mut self) {
        self.child.end_now(Signal::SIGQUIT, DROP);
    }
}

fn spawn(
    options: &PostgresOptions,
    programs: &Programs,
    account: &Account,
    cluster: &Cluster,
    port: u16,
) -> Result<Child, StackError> {
    let on_or_off = if options.durable { "on" } else { "off" };
    let mut command = account.server(&programs.path("postgres"));
    command.current_dir(cluster.folder()).arg("-D").arg(cluster.data());
    let mut set = |name: &str, value: &str| {
        command.arg("-c").arg(format!("{name}={value}"));
    };
    set("listen_addresses", "127.0.0.1");
    set("port", &port.to_string());
    if !options.durable {
        // In files that go with the data. In the system's folder a kill leaves them, and nobody ever starts on the
        // same data again, who would remove them.
        set("dynamic_shared_memory_type", "mmap");
    }
    // Beside the data, where nobody else's programs look for one.
    set("unix_socket_directories", &cluster.folder().to_string_lossy());
    // A commit still reaches the system, so that it survives a kill of Postgres.
    for name in ["fsync", "full_page_writes"] {
        set(name, on_or_off);
    }
    for (name, value) in &options.settings {
        set(name, value);
    }
    Child::spawn("postgres", command, &cluster.log())
}
