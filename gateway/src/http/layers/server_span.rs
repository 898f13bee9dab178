//! The span of a request, by the semantic conventions for HTTP servers, but for what they ask for and a buyer would not
//! want to read in a trace: neither paths, which have ids of holds in them, nor queries, headers or addresses.

use axum::extract::Request;
use onsale_telemetry::Label as _;
use opentelemetry::Context;
use tracing::{Span, field::Empty};
use tracing_opentelemetry_instrumentation_sdk::{http, otel_trace_span, set_parent_or_fallback};

use super::asked::Asked;
use crate::http::problem::{ProblemKind, ProblemType};

/// Opens the span as the caller's child. Where there is nobody to keep spans, the caller's context comes back, to be
/// handed on as it is.
pub(super) fn open(request: &Request, asked: Asked) -> (Span, Option<Context>) {
    let method = asked.method.value();
    let span = otel_trace_span!(
        "request",
        otel.name = %Name(asked),
        otel.kind = "server",
        http.request.method = %method,
        http.route = asked.matched(),
        network.protocol.version = %http::http_flavor(request.version()),
        http.response.status_code = Empty,
        onsale.problem = Empty,
        otel.status_code = Empty,
        "error.type" = Empty,
    );
    let unkept = set_parent_or_fallback(&span, http::extract_context(request.headers()));
    (span, unkept)
}

/// Says how the request was answered. Of errors, only faults are: a line that is full is no error of anybody's.
pub(super) fn close(span: &Span, status: u16, problem: Option<ProblemType>) {
    span.record("http.response.status_code", i64::from(status));
    let Some(problem) = problem else { return };
    span.record("onsale.problem", problem.slug());
    if problem.kind() == ProblemKind::Fault {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", problem.slug());
    }
}

/// The span's name: the method and the route.
struct Name(Asked);

impl std::fmt::Display for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0.method.value())?;
        self.0.matched().map_or(Ok(()), |route| write!(formatter, " {route}"))
    }
}
