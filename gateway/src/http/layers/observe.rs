use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{extract::Request, response::Response};
use tower::{Layer, Service, layer::layer_fn};

use super::{Answering, access_log, asked::Asked, server_span::ServerSpan};
use crate::{http::problem::ProblemNote, metrics::Metrics};

/// Traces, measures and logs requests. What is refused below is seen as well as what is answered.
///
/// A service, where a function would do: around a function everything below is copied for each request.
pub(super) fn layer<S>(metrics: Metrics) -> impl Layer<S, Service = Observed<S>> + Clone {
    layer_fn(move |inner| Observed { inner, metrics: metrics.clone() })
}

/// What is traced, measured and logged.
#[derive(Clone)]
pub(super) struct Observed<S> {
    inner: S,
    metrics: Metrics,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Answering {
        let began = Instant::now();
        let metrics = self.metrics.clone();
        let active = metrics.active();
        let asked = Asked::of(&request);
        let server_span = ServerSpan::of(&mut request, asked);
        let answering = self.inner.call(request);
        Box::pin(async move {
            let response = answering.await?;
            let (took, status) = (began.elapsed(), response.status().as_u16());
            let note = response.extensions().get::<ProblemNote>();
            // Within the span, for the trace id.
            let span = server_span.close(status, note.map(|note| note.problem_type));
            span.in_scope(|| answered(&metrics, asked, (status, took), note));
            drop(active);
            Ok(response)
        })
    }
}

/// Measures and logs an answer.
pub(super) fn answered(
    metrics: &Metrics,
    asked: Asked,
    (status, took): (u16, Duration),
    note: Option<&ProblemNote>,
) {
    let problem = note.map(|note| note.problem_type);
    metrics.request(took, (asked.method, asked.route), (status, problem));
    access_log::write(asked, (status, took), note);
}
