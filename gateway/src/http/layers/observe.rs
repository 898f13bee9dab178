use std::time::Instant;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use opentelemetry::context::FutureExt as _;
use tracing::Instrument as _;

use super::{access_log, asked::Asked, server_span};
use crate::{http::problem::ProblemNote, metrics::Metrics};

/// Traces, measures and logs a request, in one layer: each costs a poll more than what it does. What is refused below is
/// seen as well as what is answered.
pub(super) async fn observe(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let _active = metrics.active();
    let asked = Asked::of(&request);
    let (span, unkept) = server_span::open(&request, asked);
    let answering = next.run(request).instrument(span.clone());
    let response = match unkept {
        Some(context) => answering.with_context(context).await,
        None => answering.await,
    };
    let (took, status) = (began.elapsed(), response.status().as_u16());
    let note = response.extensions().get::<ProblemNote>();
    let problem = note.map(|note| note.problem_type);
    metrics.request(took, (asked.method, asked.route), (status, problem));
    server_span::close(&span, status, problem);
    // Within the span, for the trace id.
    span.in_scope(|| access_log::write(asked, (status, took), note));
    response
}
