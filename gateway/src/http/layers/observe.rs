use std::time::Instant;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::{access_log, asked::Asked, server_span::ServerSpan};
use crate::{http::problem::ProblemNote, metrics::Metrics};

/// Traces, measures and logs a request. What is refused below is seen as well as what is answered.
pub(super) async fn observe(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let _active = metrics.active();
    let asked = Asked::of(&request);
    let server_span = ServerSpan::of(&mut request, asked);
    let response = next.run(request).await;
    let (took, status) = (began.elapsed(), response.status().as_u16());
    let note = response.extensions().get::<ProblemNote>();
    let problem = note.map(|note| note.problem_type);
    metrics.request(took, (asked.method, asked.route), (status, problem));
    // Within the span, for the trace id.
    server_span.close(status, problem).in_scope(|| access_log::write(asked, (status, took), note));
    response
}
