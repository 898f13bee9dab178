//! The instruments of a gRPC server, by their semantic-convention names.

use std::time::Duration;

use onsale_telemetry::{
    Counter, Histogram, Instruments, Level, Within,
    grpc::{CallLabels, RpcMethod, RpcSystem},
};
use tonic::Code;

/// What is measured of calls.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    call_duration: Histogram<CallLabels>,
    in_flight: Level,
    shed: Counter<()>,
}

impl Metrics {
    /// Makes the instruments.
    #[must_use]
    pub(crate) fn new(instruments: &Instruments) -> Self {
        Self {
            call_duration: instruments.durations(
                "rpc.server.call.duration",
                "How long a gRPC call took that was served, by method and status code",
            ),
            in_flight: instruments.level("onsale.grpc.calls.in_flight", "gRPC calls that are being served"),
            shed: instruments.counter(
                "onsale.grpc.calls.shed",
                "gRPC calls that were refused because too many were being served",
            ),
        }
    }

    /// A call was answered.
    pub(crate) fn call(&self, method: &'static str, code: Code, took: Duration) {
        self.call_duration.took(took, (RpcSystem::Grpc, RpcMethod(method), code.into()));
    }

    /// A call is being served, until what is returned is dropped.
    pub(crate) fn serving(&self) -> Within {
        self.in_flight.enter()
    }

    /// A call was refused because too many are in flight.
    pub(crate) fn shed(&self) {
        self.shed.add(1, ());
    }
}
