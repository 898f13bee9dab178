//! A collector that takes connections and never answers holds nobody up.

use std::time::Duration;

use onsale_telemetry::{Telemetry, TelemetryConfig};
use tokio::net::TcpListener;
use tracing::info_span;

#[tokio::test]
async fn flushing_ends_at_its_bound() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = TelemetryConfig {
        otlp_endpoint: Some(format!("http://{}", silent.local_addr().unwrap())),
        trace_ratio: 1.0,
        ..TelemetryConfig::default()
    };
    let telemetry = Telemetry::init(&config, "onsale-silent").unwrap();
    info_span!("visit").in_scope(|| {});

    let flushed = telemetry.flush(Duration::from_millis(200));

    tokio::time::timeout(Duration::from_secs(5), flushed).await.expect("a bound");
}
