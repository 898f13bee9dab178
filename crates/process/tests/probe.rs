//! `PROGRAM probe` as a container's health check calls it, and settings that are in files.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    net::{SocketAddr, TcpListener},
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use onsale_process::{Readiness, ops};
use onsale_telemetry::{Telemetry, TelemetryConfig};
use tokio::{process::Command, time::timeout};

const SOON: Duration = Duration::from_secs(20);

/// The example program, which cargo builds beside the tests.
fn program() -> Command {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().with_file_name("examples").join("program");
    assert!(path.exists(), "build the examples first: cargo build -p onsale-process --examples");
    let mut command = Command::new(path);
    command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn output(command: &mut Command) -> Output {
    timeout(SOON, command.output()).await.expect("the program ends").unwrap()
}

async fn probe(ops: SocketAddr) -> Output {
    output(program().arg("probe").env("ONSALE_OPS_LISTEN", ops.to_string())).await
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_ready_copy_is_healthy_and_one_that_has_gone_is_not() {
    let everywhere = SocketAddr::new([0, 0, 0, 0].into(), free().port());
    let mut copy = program().env("ONSALE_OPS_LISTEN", everywhere.to_string()).spawn().unwrap();
    let healthy = async {
        while !probe(everywhere).await.status.success() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, healthy).await.expect("the copy is healthy");

    copy.kill().await.unwrap();
    let output = probe(everywhere).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("onsale-program: ask the ops port: "), "{said}");
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let telemetry = Telemetry::init(&TelemetryConfig::default(), "probed").unwrap();
    let readiness = Readiness::new();
    let _store = readiness.condition("store");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ops = listener.local_addr().unwrap();
    let served = ops::serve(listener, readiness, Arc::new(telemetry), std::future::pending());
    let output = tokio::select! {
        output = probe(ops) => output,
        ended = served => panic!("{ended:?}"),
    };
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("onsale-program: not ready: 503 ") && said.contains("\"store\""), "{said}");
}

#[tokio::test]
async fn a_wrong_value_in_a_file_is_not_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "secret\n").unwrap();
    let output = output(program().env("ONSALE_TRACE_RATIO_FILE", file.path())).await;
    assert_eq!(output.status.code(), Some(2));
    let line =
        "onsale-program: wrong value for ONSALE_TRACE_RATIO (--trace-ratio <TRACE_RATIO>): not a number\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), line);
}
