//! `onsale-stack up` and `down`, as `deploy/up` and `deploy/down` call them, with the real programs.
//!
//! Needs the programs built: `cargo build --workspace --bins`, which `deploy/test` does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use onsale_stack::{Port, procfs, until};
use serde_json::Value;
use tempfile::TempDir;

const SOON: Duration = Duration::from_mins(1);

/// A stack in a folder of its own, which is taken down whatever the test does.
struct Place {
    folder: TempDir,
    /// One for each copy of the gateway.
    ports: Vec<Port>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), ports: Port::reserve_row(2).unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn gateway(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports[0].number()))
    }

    fn command(&self, task: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onsale-stack"));
        command.arg(task).arg("--folder").arg(self.folder.path()).stdin(Stdio::null());
        if task == "up" {
            command.args(["--listen", &self.gateway().to_string()]);
        }
        command
    }

    fn run(&self, task: &str, arguments: &[&str]) -> Output {
        self.command(task).args(arguments).output().unwrap()
    }

    fn record(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("running.json")).unwrap()).unwrap()
    }

    fn pids(&self) -> Vec<i32> {
        let record = self.record();
        let started = record["started"].as_array().unwrap();
        started
            .iter()
            .chain([&record["starter"]])
            .map(|one| i32::try_from(one["pid"].as_i64().unwrap()).unwrap())
            .collect()
    }

    /// The status of an answer of the gateway; `None` when nobody answers.
    fn join(&self) -> Option<String> {
        let body = r#"{"userId": 1}"#;
        let head = "POST /api/queues/token HTTP/1.0\r\ncontent-type: application/json";
        let mut stream = TcpStream::connect(self.gateway()).ok()?;
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split_whitespace().nth(1).map(str::to_owned)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.command("down").output();
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

async fn gone(pids: &[i32]) -> bool {
    let gone = || {
        let gone = pids.iter().all(|pid| procfs::start_time(*pid).is_none());
        async move { gone.then_some(()) }
    };
    until(SOON, gone).await.is_some()
}

#[tokio::test]
async fn up_brings_all_of_it_and_down_ends_all_of_it_twice() {
    let place = Place::new();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let up = place.run("up", &["--detach", "--copies", "2"]);
        assert!(up.status.success(), "{}", text(&up));
        let said = text(&up);
        assert!(said.contains(&format!("http://{}", place.gateway())) && said.contains("curl"), "{said}");
        assert_eq!(place.join().as_deref(), Some("201"));
        // A Redis, a Postgres, two of each program, and the one that started them.
        let pids = place.pids();
        assert_eq!(pids.len(), 9);
        keys.push(fs::read_to_string(place.path("keys/operator")).unwrap());

        let again = place.run("up", &[]);
        assert!(!again.status.success() && text(&again).contains("is up already"), "{}", text(&again));

        let down = place.run("down", &[]);
        assert!(down.status.success(), "{}", text(&down));
        assert!(gone(&pids).await);
        assert_eq!(place.join(), None);
    }
    assert_eq!(keys[0], keys[1]);
    assert!(text(&place.run("down", &[])).contains("nothing is up"));
}

#[tokio::test]
async fn what_watches_comes_and_goes_with_the_rest_and_sees_all_of_it() {
    let place = Place::new();
    let up = place.run("up", &["--detach", "--observe"]);
    assert!(up.status.success(), "{}", text(&up));
    let pids = place.pids();
    // Beside two stores, three programs and the one that started them: three exporters, Prometheus, the receiver.
    assert_eq!(pids.len(), 11);

    let prometheus = place.record()["addresses"]["prometheus"].as_str().unwrap().to_owned();
    let seen = until(SOON, || async {
        let answer = reqwest::get(format!("{prometheus}/api/v1/query?query=count(up==1)")).await.ok()?;
        let answer: Value = answer.json().await.ok()?;
        (answer["data"]["result"][0]["value"][1] == "7").then_some(())
    });
    assert!(seen.await.is_some(), "Prometheus does not see everything");

    let down = place.run("down", &[]);
    assert!(down.status.success(), "{}", text(&down));
    assert!(gone(&pids).await);
}

#[tokio::test]
async fn a_killed_starter_leaves_nothing_behind() {
    let place = Place::new();
    let up = place.run("up", &["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    let pids = place.pids();

    let starter = pids.last().copied().unwrap();
    kill(Pid::from_raw(starter), Signal::SIGKILL).unwrap();

    assert!(gone(&pids).await);
    let down = place.run("down", &[]);
    assert!(down.status.success(), "{}", text(&down));
}

#[tokio::test]
async fn ctrl_c_ends_it_in_the_foreground_while_a_dead_program_does_not() {
    let place = Place::new();
    let log = fs::File::create(place.path("said")).unwrap();
    let mut up = place.command("up").stdout(log).spawn().unwrap();
    let ready = until(SOON, || async { place.path("ready.txt").exists().then_some(()) });
    assert!(ready.await.is_some(), "{}", fs::read_to_string(place.path("said")).unwrap());
    let pids = place.pids();
    let record = place.record();
    let queue =
        record["started"].as_array().unwrap().iter().find(|one| one["name"] == "onsale-queue-1").unwrap();

    kill(Pid::from_raw(i32::try_from(queue["pid"].as_i64().unwrap()).unwrap()), Signal::SIGKILL).unwrap();
    let said = until(SOON, || async { said(&place.path("said"), "onsale-queue-1 has ended").then_some(()) });
    assert!(said.await.is_some());
    assert!(up.try_wait().unwrap().is_none());

    kill(Pid::from_raw(i32::try_from(up.id()).unwrap()), Signal::SIGINT).unwrap();
    assert!(up.wait().unwrap().success());
    assert!(gone(&pids).await);
}

fn said(log: &Path, words: &str) -> bool {
    fs::read_to_string(log).unwrap().contains(words)
}

#[test]
fn a_taken_port_is_said_before_anything_starts() {
    let place = Place::new();
    let _taken = TcpListener::bind(place.gateway()).unwrap();

    let up = place.run("up", &[]);

    assert!(!up.status.success());
    let said = text(&up);
    assert!(said.contains(&format!("cannot listen on {}", place.gateway())), "{said}");
    assert!(said.contains("--listen") && !said.contains("starting"), "{said}");
}

#[tokio::test]
async fn a_command_beside_a_postgres_ends_as_it_does_and_so_does_the_postgres() {
    let script = "psql -X -q -t -A \"$DATABASE_URL\" -c 'SELECT 40 + 2' && echo $PPID && exit 7";
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale-stack"));
    let output = command.args(["with-postgres", "--", "sh", "-c", script]).output().unwrap();

    assert_eq!(output.status.code(), Some(7), "{}", text(&output));
    let said = text(&output);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "42");
    assert!(gone(&[lines[1].parse().unwrap()]).await);
}

#[tokio::test]
async fn a_killed_command_runner_takes_its_postgres_along() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale-stack"));
    command.args(["with-postgres", "--", "sleep", "600"]);
    let mut runner = command.spawn().unwrap();
    let pid = i32::try_from(runner.id()).unwrap();
    let child = |name| async move {
        let named = |child: &i32| {
            fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|comm| comm.trim() == name)
        };
        until(SOON, || async { procfs::children_of(pid).into_iter().find(named) }).await
    };
    // The command is started last.
    let command = child("sleep").await.unwrap();
    let postgres = child("postgres").await.unwrap();

    runner.kill().unwrap();
    runner.wait().unwrap();

    assert!(gone(&[postgres]).await);
    // The command is not a server, and is the caller's to end.
    kill(Pid::from_raw(command), Signal::SIGKILL).unwrap();
}
