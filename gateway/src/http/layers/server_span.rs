//! The span of a request, by the semantic conventions for HTTP servers, but for what they ask for and a buyer would not
//! want to read in a trace: neither paths, which have ids of holds in them, nor queries, headers or addresses.
//!
//! Who is refused for want of room gets no span, unless the caller keeps one: at the door there is nothing to see but that it is
//! shut, which the metrics say, and a span is a good part of what such a refusal costs. So spans are opened behind the door, and for
//! what is answered before it, such as a wrong path or a client over its rate, when that has happened.

use std::sync::{Arc, OnceLock};

use axum::{extract::Request, http::Version, middleware::Next, response::Response};
use onsale_telemetry::Label as _;
use opentelemetry::{Context, context::FutureExt as _, trace::TraceContextExt as _};
use tracing::{Instrument as _, Span, field::Empty};
use tracing_opentelemetry_instrumentation_sdk::{http, otel_trace_span, set_parent_or_fallback};

use super::{TRACEPARENT, asked::Asked};
use crate::http::problem::{ProblemKind, ProblemType};

/// The span that a request has, or will have.
#[derive(Debug)]
pub(super) struct ServerSpan {
    asked: Asked,
    version: Version,
    caller: Context,
    opened: OnceLock<Opened>,
}

#[derive(Debug)]
struct Opened {
    span: Span,
    /// The caller's context where there is nobody to keep spans, to be handed on as it is.
    unkept: Option<Context>,
}

impl ServerSpan {
    /// Goes along with the request from here on.
    pub(super) fn of(request: &mut Request, asked: Asked) -> Arc<Self> {
        let headers = request.headers();
        // Most callers are in no trace; asking the propagator is not for nothing.
        let is_traced = headers.contains_key(TRACEPARENT);
        let caller = if is_traced { http::extract_context(headers) } else { Context::new() };
        let span = Self { asked, version: request.version(), caller, opened: OnceLock::new() };
        let span = Arc::new(span);
        request.extensions_mut().insert(Arc::clone(&span));
        span
    }

    /// Opens the span as the caller's child.
    fn opened(&self) -> &Opened {
        self.opened.get_or_init(|| {
            let method = self.asked.method.value();
            let span = otel_trace_span!(
                "request",
                otel.name = %Name(self.asked),
                otel.kind = "server",
                http.request.method = %method,
                http.route = self.asked.matched(),
                network.protocol.version = %http::http_flavor(self.version),
                http.response.status_code = Empty,
                onsale.problem = Empty,
                otel.status_code = Empty,
                "error.type" = Empty,
            );
            let unkept = set_parent_or_fallback(&span, self.caller.clone());
            Opened { span, unkept }
        })
    }

    /// Says how the request was answered, and gives the span; none where none is kept of a refusal for want of room. Of errors,
    /// only faults are: a line that is full is no error of anybody's.
    pub(super) fn close(&self, status: u16, problem: Option<ProblemType>) -> Span {
        let is_kept = self.opened.get().is_some() || self.caller.span().span_context().is_sampled();
        if problem == Some(ProblemType::Overloaded) && !is_kept {
            return Span::none();
        }
        let span = &self.opened().span;
        span.record("http.response.status_code", i64::from(status));
        if let Some(problem) = problem {
            span.record("onsale.problem", problem.slug());
            if problem.kind() == ProblemKind::Fault {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", problem.slug());
            }
        }
        span.clone()
    }
}

/// Opens the span of a request that is let in.
pub(crate) async fn open(request: Request, next: Next) -> Response {
    let Some(server_span) = request.extensions().get::<Arc<ServerSpan>>().cloned() else {
        return next.run(request).await;
    };
    let Opened { span, unkept } = server_span.opened();
    let answering = next.run(request).instrument(span.clone());
    match unkept {
        Some(context) => answering.with_context(context.clone()).await,
        None => answering.await,
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use onsale_telemetry::{Telemetry, TelemetryConfig};

    use super::*;

    #[tokio::test]
    async fn who_is_refused_for_want_of_room_has_a_span_only_in_a_trace_that_is_kept() {
        let config = TelemetryConfig { log: "off".to_owned(), ..TelemetryConfig::default() };
        let _telemetry = Telemetry::init(&config, "onsale-gateway").unwrap();
        let closed = |flags: &str, was_opened: bool, problem| {
            let trace = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
            let mut request = Request::get("/").header("traceparent", trace).body(Body::empty()).unwrap();
            let asked = Asked::of(&request);
            let span = ServerSpan::of(&mut request, asked);
            if was_opened {
                span.opened();
            }
            span.close(503, problem)
        };
        let full = Some(ProblemType::Overloaded);

        assert!(closed("00", false, full).is_none());
        assert!(!closed("01", false, full).is_none(), "its client keeps it");
        assert!(!closed("00", true, full).is_none(), "it was let in, and then refused");
        assert!(!closed("00", false, Some(ProblemType::Internal)).is_none());
        assert!(!closed("00", false, None).is_none());
    }
}
