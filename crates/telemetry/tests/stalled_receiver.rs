//! A receiver that takes spans and does not answer holds nobody up, and what is lost by it is counted.
//!
//! One test only: the first program in a process decides where its spans go.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use onsale_telemetry::{Telemetry, TelemetryConfig};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc},
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, async_trait, transport::Server};
use tracing::info_span;

/// More than may wait.
const SPANS: u64 = 10_000;

/// Tells of each export, and answers when it is let.
struct Receiver {
    asked: mpsc::UnboundedSender<()>,
    let_answer: Arc<Semaphore>,
}

#[async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        _: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.asked.send(()).unwrap();
        self.let_answer.acquire().await.unwrap().forget();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn value(telemetry: &Telemetry, series: &str) -> u64 {
    let text = telemetry.render_metrics().unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{series} in {text}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_ends_spans_does_not_wait_and_what_is_dropped_is_counted() {
    let (asked, mut asks) = mpsc::unbounded_channel();
    let let_answer = Arc::new(Semaphore::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = TelemetryConfig {
        otlp_endpoint: Some(format!("http://{}", listener.local_addr().unwrap())),
        trace_ratio: 1.0,
        ..TelemetryConfig::default()
    };
    let receiver = TraceServiceServer::new(Receiver { asked, let_answer: Arc::clone(&let_answer) });
    tokio::spawn(
        Server::builder().add_service(receiver).serve_with_incoming(TcpListenerStream::new(listener)),
    );
    let telemetry = Telemetry::init(&config, "onsale-stalled").unwrap();
    assert_eq!(value(&telemetry, "onsale_telemetry_spans_dropped_total{reason=\"queue_full\"}"), 0);

    // Nobody is let answer before all of them have ended: if ending one waited for an answer, none would come.
    (0..SPANS).for_each(|_| drop(info_span!("visit")));

    assert!(value(&telemetry, "onsale_telemetry_spans_dropped_total{reason=\"queue_full\"}") > SPANS / 2);
    tokio::time::timeout(Duration::from_mins(1), asks.recv()).await.expect("an export").unwrap();

    let_answer.add_permits(1_000);
    let lost_or_taken = || {
        let dropped = |reason| {
            value(&telemetry, &format!("onsale_telemetry_spans_dropped_total{{reason=\"{reason}\"}}"))
        };
        let exported = value(&telemetry, "onsale_telemetry_spans_exported_total");
        (exported > 0, exported + dropped("queue_full") + dropped("export_failed"))
    };
    let every_one_is_counted = async {
        while lost_or_taken() != (true, SPANS) {
            telemetry.flush(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), every_one_is_counted)
        .await
        .expect("each span is counted once");
}
