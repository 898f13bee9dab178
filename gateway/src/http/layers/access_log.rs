use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};

use super::request_metrics::route;

/// Writes a line for each request: what failed at INFO, the others at DEBUG, since a crowd that waits makes hundreds
/// of thousands a second. Never a token, a user or a query.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, route) = (request.method().clone(), route(&request));
    let response = next.run(request).await;
    let (status, took_ms) = (response.status().as_u16(), began.elapsed().as_secs_f64() * 1_000.0);
    if response.status().is_server_error() {
        tracing::info!(%method, route, status, took_ms, "request failed");
    } else {
        tracing::debug!(%method, route, status, took_ms, "request");
    }
    response
}
