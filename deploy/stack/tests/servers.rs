//! The servers are real, and break and come back as they should.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs::{self, Permissions},
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    time::Duration,
};

use onsale_stack::{
    Postgres, PostgresOptions, Redis, RedisOptions, Service, ServiceOptions, StackError, procfs, run_to_end,
    until,
};

/// One command and the first line of its answer; `None` when there is none within a moment.
fn ask(redis: &Redis, command: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port())).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).trim().to_owned())
}

#[tokio::test]
async fn redis_keeps_what_it_acknowledged_over_a_kill() {
    let mut redis = Redis::start(RedisOptions::default()).await.unwrap();
    let (port, pid) = (redis.port(), redis.pid());
    assert_eq!(ask(&redis, "SET seat 7").as_deref(), Some("+OK"));

    redis.kill9().unwrap();
    assert_eq!(ask(&redis, "PING"), None);
    assert_eq!(procfs::start_time(pid), None);
    redis.restart().await.unwrap();

    assert_eq!(redis.port(), port);
    assert_eq!(ask(&redis, "GET seat").as_deref(), Some("$1\r\n7"));
}

#[tokio::test]
async fn redis_asks_for_its_password() {
    let options = RedisOptions { password: Some("correct-horse".to_owned()), ..RedisOptions::default() };
    let redis = Redis::start(options).await.unwrap();
    assert!(ask(&redis, "PING").unwrap().starts_with("-NOAUTH"));
    assert_eq!(ask(&redis, "AUTH correct-horse").as_deref(), Some("+OK"));
}

#[tokio::test]
async fn a_frozen_redis_answers_when_it_is_thawed() {
    let mut redis = Redis::start(RedisOptions::default()).await.unwrap();
    redis.freeze().unwrap();
    assert_eq!(ask(&redis, "PING"), None);
    redis.thaw().unwrap();
    assert_eq!(ask(&redis, "PING").as_deref(), Some("+PONG"));
}

#[tokio::test]
async fn a_folder_of_ones_own_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let options = RedisOptions { folder: Some(folder.path().to_owned()), ..RedisOptions::default() };
    let mut redis = Redis::start(options.clone()).await.unwrap();
    ask(&redis, "SET seat 8").unwrap();
    redis.stop().await.unwrap();
    drop(redis);

    let redis = Redis::start(options).await.unwrap();
    assert_eq!(ask(&redis, "GET seat").as_deref(), Some("$1\r\n8"));
}

#[tokio::test]
async fn a_server_ends_with_its_value_and_so_does_its_folder() {
    let redis = Redis::start(RedisOptions::default()).await.unwrap();
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let pids = [redis.pid(), postgres.pid()];
    let folders = [redis.folder().to_owned(), postgres.folder().to_owned()];
    assert!(folders.iter().all(|folder| folder.exists()));

    drop((redis, postgres));

    assert_eq!(pids.map(procfs::start_time), [None, None]);
    assert!(folders.iter().all(|folder| !folder.exists()));
}

/// The segment of shared memory that a running Postgres notes in the seventh line of its
/// `postmaster.pid`, behind its key.
fn segment_of(postgres: &Postgres) -> String {
    let noted = std::fs::read_to_string(postgres.folder().join("data/postmaster.pid")).unwrap();
    noted.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

/// Whether the system keeps a segment of that id: it does until somebody removes it.
fn is_kept(segment: &str) -> bool {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
    table.lines().skip(1).any(|row| row.split_whitespace().nth(1) == Some(segment))
}

#[tokio::test]
async fn a_postgres_that_is_dropped_leaves_no_shared_memory_behind() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let segment = segment_of(&postgres);
    assert!(is_kept(&segment));
    drop(postgres);
    assert!(!is_kept(&segment));
}

#[tokio::test]
async fn a_wrong_setting_shows_the_servers_own_words() {
    let settings = vec![("maxmemory".to_owned(), "a lot".to_owned())];
    let error = Redis::start(RedisOptions { settings, ..RedisOptions::default() }).await.unwrap_err();
    assert!(matches!(&error, StackError::Ended { log, .. } if log.contains("maxmemory")), "{error}");
}

#[tokio::test]
async fn postgres_keeps_what_it_committed_over_a_kill() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    postgres.sql("CREATE TABLE seat (no int); INSERT INTO seat VALUES (7)").unwrap();
    let port = postgres.port();

    postgres.kill9().unwrap();
    assert!(postgres.sql("SELECT no FROM seat").is_err());
    postgres.restart().await.unwrap();

    assert_eq!(postgres.port(), port);
    assert_eq!(postgres.sql("SELECT no FROM seat").unwrap().trim(), "7");
}

#[tokio::test]
async fn a_frozen_postgres_stops_its_connections_too() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let family = procfs::children_of(postgres.pid());
    assert!(!family.is_empty());

    postgres.freeze().unwrap();
    for pid in family.iter().copied().chain([postgres.pid()]) {
        // The connection of whoever asked whether Postgres is there may have ended meanwhile.
        let stands = || async move { matches!(state(pid), Some('T' | 'Z') | None).then_some(()) };
        let stopped = until(Duration::from_secs(5), stands);
        assert!(stopped.await.is_some(), "{pid} runs on");
    }
    postgres.thaw().unwrap();

    assert_eq!(postgres.sql("SELECT 7").unwrap().trim(), "7");
}

fn state(pid: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

#[tokio::test]
async fn postgres_finds_a_place_where_its_account_cannot_go() {
    let private = tempfile::tempdir().unwrap();
    fs::set_permissions(private.path(), Permissions::from_mode(0o700)).unwrap();
    let options = PostgresOptions { folder: Some(private.path().join("data")), ..PostgresOptions::default() };
    let mut postgres = Postgres::start(options.clone()).await.unwrap();
    let folder = postgres.folder().to_owned();
    // Run by anybody else, Postgres has the account of the test, which may go there.
    assert_ne!(folder.starts_with(private.path()), nix::unistd::Uid::effective().is_root());
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);

    postgres.create_database("kept").unwrap();
    postgres.stop().await.unwrap();
    drop(postgres);
    let postgres = Postgres::start(options).await.unwrap();

    assert_eq!(postgres.folder(), folder);
    let kept = postgres.sql("SELECT count(*) FROM pg_database WHERE datname = 'kept'").unwrap();
    drop(postgres);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(kept.trim(), "1");
}

#[tokio::test]
async fn databases_are_made_once() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let url = postgres.create_database("onsale").unwrap();
    assert_eq!(postgres.create_database("onsale").unwrap(), url);
    assert!(postgres.create_database("onsale; DROP DATABASE postgres").is_err());
}

#[tokio::test]
async fn a_password_is_asked_for() {
    let password = Some("correct-horse".to_owned());
    let postgres = Postgres::start(PostgresOptions { password, ..PostgresOptions::default() }).await.unwrap();
    assert_eq!(postgres.sql("SELECT 7").unwrap().trim(), "7");
    let stranger = postgres.url("postgres").replace("correct-horse", "battery-staple");
    let psql = std::process::Command::new("psql").args([&stranger, "-c", "SELECT 7"]).output().unwrap();
    assert!(!psql.status.success());
}

#[tokio::test]
async fn a_program_that_ends_shows_its_log() {
    let options =
        ServiceOptions::new("sh").program("/bin/sh").argument("-c").argument("echo no seats; exit 3");
    let error = Service::start(options).await.unwrap_err();
    let StackError::Ended { name, status, log } = error else { panic!("{error}") };
    assert_eq!((name.as_str(), status.code(), log.as_str()), ("sh", Some(3), "no seats"));
}

/// A stand-in for a program: it announces its addresses, and answers nothing.
const ANNOUNCES: &str = r#"printf '{"grpc":"%s","ops":"%s"}' "$ONSALE_LISTEN" "$ONSALE_OPS_LISTEN" \
    > "$ONSALE_ADDRESS_FILE.draft" && mv "$ONSALE_ADDRESS_FILE.draft" "$ONSALE_ADDRESS_FILE" && exec sleep 600"#;

#[tokio::test]
async fn a_program_keeps_its_addresses_over_a_restart() {
    let options = ServiceOptions::new("sh").program("/bin/sh").argument("-c").argument(ANNOUNCES);
    let mut service = Service::start(options).await.unwrap();
    let (url, pid) = (service.url("grpc"), service.pid());
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(service.ops("/readyz").await, None);

    service.kill9().unwrap();
    assert!(service.ended().is_some());
    service.restart().await.unwrap();

    assert_eq!(service.url("grpc"), url);
    assert_ne!(service.pid(), pid);
}

#[tokio::test]
async fn a_program_that_is_done_has_to_end_well() {
    let shell = |script: &str| ServiceOptions::new("sh").program("/bin/sh").argument("-c").argument(script);
    let within = Duration::from_secs(10);
    run_to_end(shell("exit 0"), within).await.unwrap();
    assert!(matches!(run_to_end(shell("exit 4"), within).await, Err(StackError::Ended { .. })));
    let late = run_to_end(shell("exec sleep 600"), Duration::from_millis(50)).await;
    assert!(matches!(late, Err(StackError::TimedOut { .. })));
}

#[tokio::test]
async fn a_program_that_is_not_built_is_named() {
    let error = Service::start(ServiceOptions::new("onsale-nothing")).await.unwrap_err();
    assert_eq!(error.to_string(), "onsale-nothing is not installed: cargo build --bin onsale-nothing");
}
