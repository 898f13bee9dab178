//! Trace context and metrics over gRPC: what a server and a client wrap themselves in.
//!
//! ```no_run
//! # async fn example(
//! #     queue: tonic::transport::Channel,
//! #     instruments: onsale_telemetry::Instruments,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use onsale_telemetry::grpc;
//!
//! let server = tonic::transport::Server::builder().layer(grpc::server_layer());
//! let metrics = grpc::ClientMetrics::new(&instruments);
//! let channel: grpc::TracedChannel = grpc::traced(queue, &metrics);
//! # Ok(())
//! # }
//! ```

mod client_metrics;
mod labels;
mod measured;

use tonic::transport::Channel;
use tonic_tracing_opentelemetry::middleware::{client, filters, server};
use tower::Layer as _;

pub use client_metrics::ClientMetrics;
pub use labels::{CallLabels, RpcCode, RpcMethod, RpcSystem};
pub use measured::{MeasuredBody, MeasuredChannel};

/// The layer of [`server_layer`].
pub type ServerLayer = server::OtelGrpcLayer;

/// A channel whose calls each have a span, carry its context, and are timed.
pub type TracedChannel = client::OtelGrpcService<MeasuredChannel>;

/// Opens a span for each call that arrives, as a child of the caller's. Health checks have none.
#[must_use]
pub fn server_layer() -> ServerLayer {
    ServerLayer::default().filter(filters::reject_healthcheck)
}

/// Opens a span for each call that is made, hands its context on, and times it.
#[must_use]
pub fn traced(channel: Channel, metrics: &ClientMetrics) -> TracedChannel {
    client::OtelGrpcLayer.layer(MeasuredChannel::new(channel, metrics.clone()))
}
