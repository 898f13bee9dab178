//! Spans for a receiver that is gone are lost, and counted; metrics and the program go on.
//!
//! One test only: the first program in a process decides where its spans go.

use std::time::Duration;

use onsale_telemetry::{Telemetry, TelemetryConfig};
use tokio::net::TcpListener;
use tracing::info_span;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_takes_is_counted() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let config = TelemetryConfig {
        otlp_endpoint: Some(format!("http://{nobody}")),
        trace_ratio: 1.0,
        ..TelemetryConfig::default()
    };
    let telemetry = Telemetry::init(&config, "onsale-absent").unwrap();
    (0..7).for_each(|_| drop(info_span!("visit")));

    let is_counted = async {
        loop {
            telemetry.flush(Duration::from_secs(1)).await;
            let text = telemetry.render_metrics().unwrap();
            let says = |line: &str| text.lines().any(|said| said == line);
            if says("onsale_telemetry_spans_dropped_total{reason=\"export_failed\"} 7") {
                assert!(says("onsale_telemetry_spans_exported_total 0"), "{text}");
                assert!(says("onsale_telemetry_exports_total{outcome=\"failed\"} 1"), "{text}");
                break;
            }
        }
    };

    tokio::time::timeout(Duration::from_mins(1), is_counted).await.expect("a count");
}
