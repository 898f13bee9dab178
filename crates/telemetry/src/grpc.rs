//! Trace context over gRPC: what a server and a client wrap themselves in.
//!
//! ```no_run
//! # async fn example(health: tonic::transport::Channel) -> Result<(), Box<dyn std::error::Error>> {
//! use onsale_telemetry::grpc;
//!
//! let server = tonic::transport::Server::builder().layer(grpc::server_layer());
//! let channel: grpc::TracedChannel = grpc::traced(health);
//! # Ok(())
//! # }
//! ```

mod labels;

use tonic::transport::Channel;
use tonic_tracing_opentelemetry::middleware::{client, filters, server};
use tower::Layer as _;

pub use labels::{CallLabels, RpcCode, RpcMethod, RpcSystem};

/// The layer of [`server_layer`].
pub type ServerLayer = server::OtelGrpcLayer;

/// A channel whose calls each have a span and carry its context.
pub type TracedChannel = client::OtelGrpcService<Channel>;

/// Opens a span for each call that arrives, as a child of the caller's. Health checks have none.
#[must_use]
pub fn server_layer() -> ServerLayer {
    ServerLayer::default().filter(filters::reject_healthcheck)
}

/// Opens a span for each call that is made, and hands its context on.
#[must_use]
pub fn traced(channel: Channel) -> TracedChannel {
    client::OtelGrpcLayer.layer(channel)
}
