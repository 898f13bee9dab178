//! One trace over a gRPC hop, and out to a collector.
//!
//! One test only: the first program in a process decides where its spans go.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http_body_util::BodyExt as _;
use onsale_telemetry::{
    Telemetry, TelemetryConfig, current_trace_id,
    grpc::{self, ClientMetrics},
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Status,
    body::Body,
    client::Grpc,
    codegen::http,
    server::NamedService,
    transport::{Channel, Server},
};
use tonic_prost::ProstCodec;
use tower::Service;
use tracing::{Instrument as _, info_span};

/// What a call brought: the trace it was handled in, and its bytes.
type Call = (Option<String>, Vec<u8>);

/// Tells of each call, and refuses it.
#[derive(Clone)]
struct Witness(mpsc::UnboundedSender<Call>);

/// Under the collector's name, so that the exporter's calls find it too.
impl NamedService for Witness {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl Service<http::Request<Body>> for Witness {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let calls = self.0.clone();
        Box::pin(async move {
            let body = request.into_body().collect().await.unwrap().to_bytes().to_vec();
            calls.send((current_trace_id(), body)).unwrap();
            Ok(Status::invalid_argument("a witness only").into_http())
        })
    }
}

async fn witness() -> (SocketAddr, mpsc::UnboundedReceiver<Call>) {
    let (sender, calls) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().layer(grpc::server_layer()).add_service(Witness(sender));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (address, calls)
}

async fn next(calls: &mut mpsc::UnboundedReceiver<Call>) -> Call {
    tokio::time::timeout(Duration::from_secs(10), calls.recv()).await.expect("no call in time").unwrap()
}

async fn call(channel: Channel, metrics: &ClientMetrics) -> Option<String> {
    let mut client = Grpc::new(grpc::traced(channel, metrics));
    client.ready().await.unwrap();
    let path =
        http::uri::PathAndQuery::from_static("/opentelemetry.proto.collector.trace.v1.TraceService/Any");
    let answer = client.unary(Request::new(()), path, ProstCodec::<(), ()>::default()).await;
    assert_eq!(answer.unwrap_err().message(), "a witness only");
    current_trace_id()
}

#[tokio::test]
async fn the_trace_crosses_a_hop_and_reaches_the_collector() {
    let (collector, mut exported) = witness().await;
    let config = TelemetryConfig {
        otlp_endpoint: Some(format!("http://{collector}")),
        trace_ratio: 1.0,
        ..TelemetryConfig::default()
    };
    let telemetry = Telemetry::init(&config, "onsale-hop").unwrap();
    let _second_program = Telemetry::init(&TelemetryConfig::default(), "onsale-second").unwrap();
    let (server, mut calls) = witness().await;
    let channel = Channel::from_shared(format!("http://{server}")).unwrap().connect().await.unwrap();

    let metrics = ClientMetrics::new(telemetry.instruments());
    let trace_id = call(channel, &metrics).instrument(info_span!("visit")).await;

    assert!(trace_id.is_some());
    assert_eq!(next(&mut calls).await.0, trace_id);

    let flushed = telemetry.flush(Duration::from_secs(10));
    let (export, ()) = tokio::join!(next(&mut exported), flushed);
    let export = String::from_utf8_lossy(&export.1);
    assert!(export.contains("onsale-hop") && export.contains("visit"), "{export}");
}
