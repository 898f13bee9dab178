//! Logs, traces and metrics, the same way in every program.
//!
//! A program flattens [`TelemetryConfig`] into its configuration, calls [`Telemetry::init`] once, keeps the
//! result for [`Telemetry::instruments`] and [`Telemetry::render_metrics`], and ends with [`Telemetry::flush`].
//!
//! - **Logs** go to stderr, one JSON object (or one readable line) each, with the trace id of the request that
//!   they belong to.
//! - **Traces** are `tracing` spans. W3C `traceparent` is taken from callers and handed on ([`grpc`] does it for
//!   tonic), sampling follows the caller, and where nobody decided yet a configured ratio does. Spans are
//!   exported by OTLP over gRPC when an endpoint is configured; without one, trace ids still reach the logs. Of traces
//!   that are not kept, the spans that end in an error or take long are exported all the same. Exporting holds nobody
//!   up: spans wait in a bounded queue, and what finds no place is dropped, and counted.
//! - **Metrics** are OpenTelemetry instruments, made by [`Instruments`] with labels that are bounded by their types, and
//!   read in Prometheus' text format.
//!
//! The subscriber and the propagator exist once in a process and the first [`Telemetry::init`] sets them; each
//! [`Telemetry`] has metrics of its own. So several programs can run in one process, as tests do.

mod config;
pub mod grpc;
mod instruments;
mod logs;
mod metrics;
mod store_metrics;
mod telemetry;
mod traces;

pub use config::{LogFormat, Switch, TelemetryConfig};
pub use instruments::{
    Counter, Definition, Few, FewId, Gauge, Histogram, Instruments, Kind, Label, Labels, Level, Within,
};
pub use opentelemetry::Value as LabelValue;
pub use store_metrics::{StoreFault, StoreMetrics, StoreSystem};
pub use telemetry::{Telemetry, TelemetryError};
pub use traces::current_trace_id;
