//! The instruments of a gRPC server, by their semantic-convention names.

use std::time::Duration;

use onsale_telemetry::Meter;
use opentelemetry::{KeyValue, metrics::Histogram};
use tonic::Code;

/// What is measured of calls.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    call_duration: Histogram<f64>,
}

impl Metrics {
    /// Makes the instruments.
    #[must_use]
    pub(crate) fn new(meter: &Meter) -> Self {
        let call_duration = meter
            .f64_histogram("rpc.server.call.duration")
            .with_unit("s")
            .with_description("how long a gRPC call took, by method and status code")
            .build();
        Self { call_duration }
    }

    /// A call was answered.
    pub(crate) fn call(&self, method: &'static str, code: Code, took: Duration) {
        let labels = [
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", method),
            KeyValue::new("rpc.response.status_code", name_of(code)),
        ];
        self.call_duration.record(took.as_secs_f64(), &labels);
    }
}

fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
