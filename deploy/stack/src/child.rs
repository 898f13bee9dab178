use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{self, Command, ExitStatus, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{StackError, procfs, until};

/// How much of a log is shown when something fails.
const TAIL_LINES: usize = 30;
/// How often a thread that is held up looks.
const LOOK: Duration = Duration::from_millis(5);

/// A server's process, with its log. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Child {
    name: String,
    process: process::Child,
    pid: i32,
    log: PathBuf,
}

impl Child {
    /// Starts a server that writes to `log`, at its end.
    pub(crate) fn spawn(name: &str, mut command: Command, log: &Path) -> Result<Self, StackError> {
        let file = File::options().create(true).append(true).open(log).map_err(StackError::file(log))?;
        let errors = file.try_clone().map_err(StackError::file(log))?;
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        // Ctrl-C is for the program that started it, which stops its servers in order.
        command.process_group(0);
        let process = spawn_from_lasting_thread(command).map_err(system(name, "start it"))?;
        let pid = i32::try_from(process.id())
            .map_err(|error| system(name, "learn its id")(io::Error::other(error)))?;
        Ok(Self { name: name.to_owned(), process, pid, log: log.to_owned() })
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// How the process ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Waits for a condition of the server, and fails at once when the server ends.
    pub(crate) async fn until<F, Fut>(
        &mut self,
        condition: &'static str,
        within: Duration,
        mut holds: F,
    ) -> Result<(), StackError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = bool>,
    {
        let process = &mut self.process;
        let seen = until(within, || {
            let status = process.try_wait().ok().flatten();
            let holds = holds();
            async move {
                match status {
                    Some(status) => Some(Err(status)),
                    None => holds.await.then_some(Ok(())),
                }
            }
        });
        match seen.await {
            Some(Ok(())) => Ok(()),
            Some(Err(status)) => Err(self.ended(status)),
            None => {
                Err(StackError::TimedOut { name: self.name.clone(), condition, within, log: tail(&self.log) })
            }
        }
    }

    pub(crate) fn signal(&mut self, signal: Signal) -> Result<(), StackError> {
        // Once waited for, the id may be another process's.
        if let Some(status) = self.status() {
            return Err(self.ended(status));
        }
        kill(Pid::from_raw(self.pid), signal).map_err(|error| system(&self.name, "signal it")(error.into()))
    }

    /// Signals the process and those it started. Postgres is a process per connection.
    pub(crate) fn signal_family(&mut self, signal: Signal) -> Result<(), StackError> {
        // Standing still, it starts no more.
        self.signal(Signal::SIGSTOP)?;
        for child in procfs::children_of(self.pid) {
            // One that has just ended is none to signal.
            let _ = kill(Pid::from_raw(child), signal);
        }
        if signal == Signal::SIGSTOP { Ok(()) } else { self.signal(signal) }
    }

    /// Asks the process to end by `signal`, and waits.
    pub(crate) async fn stop(&mut self, signal: Signal, within: Duration) -> Result<ExitStatus, StackError> {
        if let Some(status) = self.status() {
            return Ok(status);
        }
        self.signal(signal)?;
        self.end(within).await
    }

    /// Waits for the process to end by itself.
    pub(crate) async fn end(&mut self, within: Duration) -> Result<ExitStatus, StackError> {
        let process = &mut self.process;
        let ended = until(within, || {
            let status = process.try_wait().ok().flatten();
            async move { status }
        });
        ended.await.ok_or_else(|| StackError::TimedOut {
            name: self.name.clone(),
            condition: "end",
            within,
            log: tail(&self.log),
        })
    }

    /// Waits for a process that was killed: it cannot refuse.
    pub(crate) fn wait(&mut self) -> Result<(), StackError> {
        self.process.wait().map(|_| ()).map_err(system(&self.name, "wait for its end"))
    }

    /// Asks a process that runs to end by `signal`, and holds this thread up until it has, or for so long.
    pub(crate) fn end_now(&mut self, signal: Signal, within: Duration) {
        let until = Instant::now() + within;
        let asked = self.signal(signal).is_ok();
        while asked && self.status().is_none() && Instant::now() < until {
            thread::sleep(LOOK);
        }
    }

    fn ended(&self, status: ExitStatus) -> StackError {
        StackError::Ended { name: self.name.clone(), status, log: tail(&self.log) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.status().is_none() {
            let _ = self.signal_family(Signal::SIGKILL);
            let _ = self.process.wait();
        }
    }
}

/// A command whose process ends with this one, however this one ends: a killed test leaves no server behind.
pub(crate) fn bound_to_us(program: &Path) -> Command {
    if !Path::new(SETPRIV).exists() {
        return Command::new(program);
    }
    let mut command = Command::new(SETPRIV);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Part of util-linux, which Debian always has.
pub(crate) const SETPRIV: &str = "/usr/bin/setpriv";

/// Linux binds a process to the *thread* that started it, and a test's thread ends before its process does.
fn spawn_from_lasting_thread(command: Command) -> io::Result<process::Child> {
    type Job = (Command, mpsc::Sender<io::Result<process::Child>>);
    static JOBS: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (sender, jobs) = mpsc::channel::<Job>();
        thread::spawn(move || {
            for (mut command, answer) in jobs {
                // Whoever asked waits for the answer.
                let _ = answer.send(command.spawn());
            }
        });
        sender
    });
    let gone = || io::Error::other("the thread that starts processes is gone");
    let (answer, spawned) = mpsc::channel();
    jobs.send((command, answer)).map_err(|_| gone())?;
    spawned.recv().map_err(|_| gone())?
}

fn system(name: &str, action: &'static str) -> impl FnOnce(io::Error) -> StackError {
    let name = name.to_owned();
    move |source| StackError::System { name, action, source }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
    tail.join("\n")
}
