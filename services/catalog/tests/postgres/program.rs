//! The program as a process of its own.

use std::process::Output;

use sqlx::PgPool;
use tokio::process::Command;

use crate::running::{PATIENCE, database_url};

/// Runs the program with an environment of its own, to its end.
pub(crate) async fn run(arguments: &[&str], database_url: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale-catalog"));
    command.args(arguments).env_clear().kill_on_drop(true);
    command.env("ONSALE_LISTEN", "127.0.0.1:0").env("ONSALE_OPS_LISTEN", "127.0.0.1:0");
    if let Some(url) = database_url {
        command.env("ONSALE_DATABASE_URL", url);
    }
    // The demo takes its time on a machine that does other things as well.
    tokio::time::timeout(6 * PATIENCE, command.output()).await.expect("an end in time").unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_wrong_setting_is_one_line_without_the_value() {
    let secret = "hunter2";
    let wrong = format!("mysql-with-{secret}@nowhere");
    let cases: [(&[&str], Option<&str>, &str); 8] = [
        (&[], None, "ONSALE_DATABASE_URL"),
        (&[], Some(&wrong), "ONSALE_DATABASE_URL"),
        (&["--calls-at-once=0"], Some("postgres://u@h/d"), "ONSALE_CALLS_AT_ONCE"),
        (&["--database-connections=0"], Some("postgres://u@h/d"), "ONSALE_DATABASE_CONNECTIONS"),
        (&["--hold-seconds=0"], Some("postgres://u@h/d"), "ONSALE_HOLD_SECONDS"),
        (&["--payment-seconds=86401"], Some("postgres://u@h/d"), "ONSALE_PAYMENT_SECONDS"),
        (&["--hold-cap-seconds=599"], Some("postgres://u@h/d"), "ONSALE_HOLD_CAP_SECONDS"),
        (&["--call-timeout-ms=0"], Some("postgres://u@h/d"), "ONSALE_CALL_TIMEOUT_MS"),
    ];
    for (arguments, url, setting) in cases {
        let output = run(arguments, url).await;
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert_eq!(said(&output).lines().count(), 1, "{}", said(&output));
        assert!(said(&output).contains(setting), "{}", said(&output));
        assert!(!said(&output).contains(secret), "{}", said(&output));
    }
}

#[tokio::test]
async fn the_help_lists_the_settings_and_shows_no_value() {
    let output = run(&["--help"], Some("postgres://u:hunter2@h/d")).await;
    assert!(output.status.success());
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for setting in [
        "ONSALE_DATABASE_URL",
        "ONSALE_LISTEN",
        "ONSALE_MIGRATE",
        "ONSALE_HOLD_CAP_SECONDS",
        "seed-demo",
        "migrate",
        "import",
    ] {
        assert!(help.contains(setting), "{help}");
    }
    assert!(!help.contains("hunter2"), "{help}");
}

#[sqlx::test(migrations = false)]
async fn migrating_and_seeding_are_tasks_that_end(pool: PgPool) {
    let url = database_url(&pool);
    let output = run(&["migrate"], Some(&url)).await;
    assert!(output.status.success(), "{}", said(&output));
    let concerts = "SELECT count(*) FROM concert";
    assert_eq!(sqlx::query_scalar::<_, i64>(concerts).fetch_one(&pool).await.unwrap(), 0);

    for _ in 0..2 {
        let output = run(&["seed-demo"], Some(&url)).await;
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(sqlx::query_scalar::<_, i64>(concerts).fetch_one(&pool).await.unwrap(), 24);
    }

    sqlx::query("DELETE FROM demo").execute(&pool).await.unwrap();
    let output = run(&["seed-demo"], Some(&url)).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("concerts of its own"), "{}", said(&output));
}

#[tokio::test]
async fn a_task_ends_with_an_error_when_postgres_is_away() {
    let output = run(&["seed-demo"], Some("postgres://nobody@127.0.0.1:1/nothing")).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("the store is away"), "{}", said(&output));
}
