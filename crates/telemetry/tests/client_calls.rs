//! Calls are timed by method, and by how they ended.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use onsale_telemetry::{
    Telemetry, TelemetryConfig,
    grpc::{self, ClientMetrics},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_client::TraceServiceClient,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::ResourceSpans,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Code, Request, Response, Status, async_trait,
    transport::{Channel, Server},
};

/// A service that answers, refuses, or never does, by how many spans it is sent.
struct Moody;

#[async_trait]
impl TraceService for Moody {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        match request.into_inner().resource_spans.len() {
            0 => Ok(Response::new(ExportTraceServiceResponse::default())),
            1 => Err(Status::failed_precondition("not in this mood")),
            _ => std::future::pending().await,
        }
    }
}

/// How often a call ended with that code.
fn ended(telemetry: &Telemetry, code: &str) -> u64 {
    let method = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let labels =
        format!("rpc_method=\"{method}\",rpc_response_status_code=\"{code}\",rpc_system_name=\"grpc\"");
    let series = format!("rpc_client_call_duration_seconds_count{{{labels}}} ");
    let text = telemetry.render_metrics().unwrap();
    let count = text.lines().find_map(|line| line.strip_prefix(&series));
    count.map_or(0, |count| count.parse().unwrap())
}

async fn channel() -> Channel {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().add_service(TraceServiceServer::new(Moody));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn each_call_counts_once_by_how_it_ended() {
    let telemetry = Telemetry::init(&TelemetryConfig::default(), "onsale-caller").unwrap();
    let metrics = ClientMetrics::new(telemetry.instruments());
    let client = || async { TraceServiceClient::new(grpc::traced(channel().await, &metrics)) };
    let of =
        |spans: usize| ExportTraceServiceRequest { resource_spans: vec![ResourceSpans::default(); spans] };

    client().await.export(of(0)).await.unwrap();
    assert_eq!((ended(&telemetry, "OK"), ended(&telemetry, "CANCELLED")), (1, 0));

    assert_eq!(client().await.export(of(1)).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!((ended(&telemetry, "OK"), ended(&telemetry, "FAILED_PRECONDITION")), (1, 1));

    let mut waiting = client().await;
    tokio::time::timeout(Duration::from_millis(100), waiting.export(of(2))).await.expect_err("no answer");
    assert_eq!((ended(&telemetry, "OK"), ended(&telemetry, "CANCELLED")), (1, 1));

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = Channel::from_shared(format!("http://{nobody}")).unwrap().connect_lazy();
    TraceServiceClient::new(grpc::traced(nobody, &metrics)).export(of(0)).await.unwrap_err();
    assert_eq!((ended(&telemetry, "OK"), ended(&telemetry, "UNAVAILABLE")), (1, 1));
}
