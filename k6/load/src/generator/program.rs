//! A generator that is a program with a command line, and says at its end what it has measured.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command},
};

/// Why a generator said nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not on the path, or cannot be started.
    #[error("{program} cannot be started")]
    Start {
        /// Which.
        program: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It lasted longer than it may, and was ended.
    #[error("{0} did not come to an end in time")]
    TooLong(&'static str),
    /// It said something else than what it has measured.
    #[error("what {program} says is not understood: {reason}")]
    Said {
        /// Which.
        program: &'static str,
        /// What it says, or why that is nothing.
        reason: String,
    },
}

/// A request that is made again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// `GET`, `POST`.
    pub method: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

/// A program that goes on. Ends with this value.
#[derive(Debug)]
pub struct Launched {
    program: &'static str,
    child: Child,
}

impl Launched {
    /// Starts a program on these processors; on any where none are named.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(
        program: &'static str,
        arguments: &[String],
        pinned: &[usize],
    ) -> Result<Self, ProgramError> {
        let child = command(program, arguments, pinned).spawn();
        child.map(|child| Self { program, child }).map_err(|source| ProgramError::Start { program, source })
    }

    /// The process's id; `None` once it has ended.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.child.id().and_then(|pid| i32::try_from(pid).ok())
    }

    /// Waits for the end: how it ended, and what it said.
    ///
    /// # Errors
    /// It lasted longer than it may, and was ended; or nobody can hear it.
    pub async fn end(mut self, at_most: Duration) -> Result<(ExitStatus, String), ProgramError> {
        let program = self.program;
        let (mut said, mut complained) = (self.child.stdout.take(), self.child.stderr.take());
        let (mut text, mut complaint) = (String::new(), String::new());
        let ended = async {
            let hear = async {
                if let Some(said) = &mut said {
                    said.read_to_string(&mut text).await.map(drop)
                } else {
                    Ok(())
                }
            };
            // Heard as well, lest the program waits for it.
            let complaints = async {
                if let Some(said) = &mut complained {
                    said.read_to_string(&mut complaint).await.map(drop)
                } else {
                    Ok(())
                }
            };
            tokio::try_join!(hear, complaints)?;
            self.child.wait().await
        };
        let ended = tokio::time::timeout(at_most, ended).await;
        let Ok(ended) = ended else { return Err(ProgramError::TooLong(program)) };
        let ended = ended.map_err(|source| ProgramError::Start { program, source })?;
        if ended.success() { Ok((ended, text)) } else { Ok((ended, text + &complaint)) }
    }
}

fn command(program: &str, arguments: &[String], pinned: &[usize]) -> Command {
    // Put on its processors before it starts, and counts them.
    let mut command = if pinned.is_empty() { Command::new(program) } else { Command::new("taskset") };
    if !pinned.is_empty() {
        let cpus: Vec<String> = pinned.iter().map(usize::to_string).collect();
        command.args(["-c", &cpus.join(","), program]);
    }
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The version of a program: what follows its name, or the word before, in what it says when asked with an option.
pub(super) async fn version(program: &'static str, option: &str) -> Result<String, ProgramError> {
    let output = Command::new(program).arg(option).stdin(Stdio::null()).output().await;
    let output = output.map_err(|source| ProgramError::Start { program, source })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = version_in(&text).map(str::to_owned);
    version.ok_or(ProgramError::Said { program, reason: text })
}

/// `oha 1.16.0`, and `wrk debian/4.1.0-3+b2 [epoll] …`.
fn version_in(text: &str) -> Option<&str> {
    let word = text.split_whitespace().nth(1)?;
    let version = word.rsplit_once('/').map_or(word, |(_, version)| version);
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_version_follows_the_name() {
        assert_eq!(version_in("oha 1.16.0\n"), Some("1.16.0"));
        assert_eq!(version_in("wrk debian/4.1.0-3+b2 [epoll] Copyright"), Some("4.1.0-3+b2"));
        assert_eq!(version_in("command not found"), None);
    }

    #[tokio::test]
    async fn what_a_program_says_is_heard_to_its_end() {
        let launched = Launched::start("echo", &words("a b"), &[0]).unwrap();
        assert!(launched.pid().is_some());
        let (status, text) = launched.end(Duration::from_mins(1)).await.unwrap();
        assert_eq!((status.success(), text.as_str()), (true, "a b\n"));
    }

    #[tokio::test]
    async fn who_fails_is_heard_on_both_ways() {
        let launched = Launched::start("ls", &words("/is/not/there"), &[]).unwrap();
        let (status, text) = launched.end(Duration::from_mins(1)).await.unwrap();
        assert!(!status.success() && text.contains("/is/not/there"), "{text}");
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_ended() {
        let launched = Launched::start("sleep", &words("1000"), &[]).unwrap();
        let pid = launched.pid().unwrap();
        assert!(matches!(launched.end(Duration::from_millis(10)).await, Err(ProgramError::TooLong("sleep"))));
        while onsale_stack::procfs::start_time(pid).is_some() {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_said_so() {
        let refused = Launched::start("onsale-no-such-program", &[], &[]);
        assert!(matches!(refused, Err(ProgramError::Start { program: "onsale-no-such-program", .. })));
    }
}
