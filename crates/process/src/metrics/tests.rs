use onsale_telemetry::{Telemetry, TelemetryConfig};

use super::*;

fn telemetry() -> Telemetry {
    Telemetry::init(&TelemetryConfig::default(), "test").unwrap()
}

/// The value of a series.
fn value(telemetry: &Telemetry, series: &str) -> Option<f64> {
    let text = telemetry.render_metrics().unwrap();
    let mut values = text.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    values.next().map(|value| value.parse().unwrap())
}

#[test]
fn each_condition_is_1_when_it_is_met() {
    let (telemetry, readiness) = (telemetry(), Readiness::new());
    of_readiness(telemetry.instruments(), &readiness);
    let ready = || value(&telemetry, "onsale_process_ready{condition=\"redis\"}");
    assert_eq!(ready(), None);
    let redis = readiness.condition("redis");
    assert_eq!(ready(), Some(0.0));
    redis.ready();
    assert_eq!(ready(), Some(1.0));
    redis.unready("gone");
    assert_eq!(ready(), Some(0.0));
}

#[test]
fn the_process_says_what_it_takes() {
    let telemetry = telemetry();
    of_system(telemetry.instruments());
    for (series, least, most) in [
        ("process_cpu_seconds_total", 0.0, 1e6),
        ("process_resident_memory_bytes", 100e3, 1e12),
        ("process_open_fds", 1.0, 1e6),
        ("process_max_fds", 1.0, 1e10),
        ("process_threads", 1.0, 1e4),
        ("process_start_time_seconds", 1.7e9, 1e10),
    ] {
        let said = value(&telemetry, series).unwrap();
        assert!(least <= said && said <= most, "{series} {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_runtime_says_how_busy_it_is() {
    let telemetry = telemetry();
    of_runtime(telemetry.instruments());
    assert_eq!(value(&telemetry, "onsale_runtime_workers"), Some(3.0));
    let (tasks, busy) =
        (value(&telemetry, "onsale_runtime_tasks"), value(&telemetry, "onsale_runtime_busy_seconds_total"));
    let working = tokio::spawn(async {
        std::thread::sleep(Duration::from_millis(20));
        std::future::pending::<()>().await;
    });
    // Busy time is told when a worker rests.
    while value(&telemetry, "onsale_runtime_busy_seconds_total").unwrap() < busy.unwrap() + 0.02 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(value(&telemetry, "onsale_runtime_tasks"), tasks.map(|tasks| tasks + 1.0));
    assert_eq!(value(&telemetry, "onsale_runtime_queue_depth"), Some(0.0));
    working.abort();
}

#[tokio::test]
async fn a_task_that_keeps_its_thread_makes_timers_late() {
    let telemetry = telemetry();
    let measuring = tokio::spawn(poll_delays(telemetry.instruments().clone()));
    // So that its first timer is set.
    tokio::task::yield_now().await;
    std::thread::sleep(Duration::from_millis(700));
    while value(&telemetry, "onsale_runtime_poll_delay_seconds_count").is_none() {
        tokio::task::yield_now().await;
    }
    assert!(value(&telemetry, "onsale_runtime_poll_delay_seconds_sum").unwrap() > 0.5);
    measuring.abort();
}
