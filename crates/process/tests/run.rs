//! A program as a process of its own: settings, ports, signals, exit codes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Output, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    time::timeout,
};

const SOON: Duration = Duration::from_secs(20);

/// The example program, which cargo builds beside the tests.
fn program() -> Command {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().with_file_name("examples").join("program");
    assert!(path.exists(), "build the examples first: cargo build -p onsale-process --examples");
    let mut command = Command::new(path);
    command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.env("ONSALE_OPS_LISTEN", "127.0.0.1:0");
    command
}

async fn output(child: Child) -> Output {
    timeout(SOON, child.wait_with_output()).await.expect("the program ends").unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program that runs, and where.
struct Running {
    child: Child,
    addresses: BTreeMap<String, SocketAddr>,
    _folder: TempDir,
}

impl Running {
    async fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("addresses");
        let child = program().args(arguments).env("ONSALE_ADDRESS_FILE", &file).spawn().unwrap();
        let addresses = timeout(SOON, addresses(file)).await.expect("the program listens");
        Self { child, addresses, _folder: folder }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    async fn get(&self, path: &str) -> Option<(u16, String)> {
        let answer = reqwest::get(format!("http://{}{path}", self.addresses["ops"])).await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    async fn until_ready(&self, status: u16) -> String {
        let answer = async {
            loop {
                match self.get("/readyz").await {
                    Some((now, body)) if now == status => break body,
                    Some(_) | None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        timeout(SOON, answer).await.expect("the answer changes")
    }
}

async fn addresses(file: PathBuf) -> BTreeMap<String, SocketAddr> {
    loop {
        match tokio::fs::read(&file).await {
            // Whoever sees the file sees all of it.
            Ok(text) => break serde_json::from_slice(&text).unwrap(),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

#[tokio::test]
async fn a_wrong_setting_is_one_line_and_exit_code_2() {
    let mut program = program();
    let output = output(program.env("ONSALE_TRACE_RATIO", "secret").spawn().unwrap()).await;

    assert_eq!(output.status.code(), Some(2));
    let line =
        "onsale-program: wrong value for ONSALE_TRACE_RATIO (--trace-ratio <TRACE_RATIO>): not a number\n";
    assert_eq!(text(&output.stderr), line);
}

#[tokio::test]
async fn the_help_is_no_error_and_shows_no_value() {
    let mut program = program();
    let output = output(program.env("ONSALE_LOG", "onsale=debug").arg("--help").spawn().unwrap()).await;

    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    assert!(help.contains("ONSALE_LOG]") && !help.contains("onsale=debug"), "{help}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = output(program().args(["--listen", &address]).spawn().unwrap()).await;

    assert_eq!(output.status.code(), Some(1));
    let log = text(&output.stderr);
    assert!(log.contains(&format!("listen on {address}: the port is taken by another program")), "{log}");
}

#[tokio::test]
async fn a_failure_is_logged_and_is_exit_code_1() {
    let output = output(program().args(["--manner", "fail"]).spawn().unwrap()).await;

    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("the store is on fire"));
}

#[tokio::test]
async fn the_first_signal_stops_softly() {
    let running = Running::start(&[]).await;
    running.until_ready(200).await;

    running.signal(Signal::SIGTERM);

    assert_eq!(output(running.child).await.status.code(), Some(0));
}

#[tokio::test]
async fn while_stopping_it_is_unready_and_alive_and_a_second_signal_ends_it() {
    let running = Running::start(&["--manner", "finish", "--grace-seconds", "600"]).await;
    running.until_ready(200).await;

    running.signal(Signal::SIGTERM);

    let body = running.until_ready(503).await;
    assert_eq!(body, r#"{"missing":[{"condition":"running","reason":"stopping"}],"ready":false}"#);
    assert_eq!(running.get("/livez").await.unwrap().0, 200);
    assert!(running.get("/metrics").await.unwrap().1.contains("onsale-program"));
    running.signal(Signal::SIGINT);
    assert_eq!(output(running.child).await.status.code(), Some(0));
}

#[tokio::test]
async fn the_end_of_the_grace_period_ends_it() {
    let running = Running::start(&["--manner", "finish", "--grace-seconds", "0.2"]).await;
    running.signal(Signal::SIGTERM);
    assert_eq!(output(running.child).await.status.code(), Some(0));
}

#[tokio::test]
async fn who_does_not_listen_is_ended() {
    let running = Running::start(&["--manner", "ignore", "--grace-seconds", "0.2"]).await;
    running.signal(Signal::SIGTERM);

    let output = output(running.child).await;

    assert_eq!((output.status.code(), output.status.signal()), (Some(1), None));
    assert!(text(&output.stderr).contains("still busy when the grace period was over"));
}
