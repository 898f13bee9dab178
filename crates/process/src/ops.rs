//! The ops port: `/livez`, `/readyz`, `/metrics` and `/metrics/inventory`, which says what there is of metrics; for
//! orchestrators and Prometheus and not for the public.

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use onsale_telemetry::{Definition, Telemetry};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;

use crate::Readiness;

/// No probe waits for anything, so one that takes this long is stuck.
const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Ops {
    readiness: Readiness,
    telemetry: Arc<Telemetry>,
}

/// Serves the ops port until `stop` is done.
///
/// # Errors
/// The listener breaks.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    telemetry: Arc<Telemetry>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/metrics/inventory", get(inventory))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, DEADLINE))
        .with_state(Ops { readiness, telemetry });
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn livez() -> &'static str {
    "alive\n"
}

async fn readyz(State(ops): State<Ops>) -> Response {
    let missing = ops.readiness.missing();
    let ready = missing.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready, "missing": missing }))).into_response()
}

async fn metrics(State(ops): State<Ops>) -> Response {
    match ops.telemetry.render_metrics() {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "metrics cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Every instrument of the program, also those that have not been told anything yet.
async fn inventory(State(ops): State<Ops>) -> Json<Vec<Value>> {
    let inventory = ops.telemetry.instruments().inventory();
    let described = |definition: &Definition| {
        json!({
            "name": definition.exposed_name(),
            "kind": definition.kind.to_string(),
            "help": definition.help,
            "labels": definition.exposed_labels().collect::<Vec<_>>(),
        })
    };
    Json(inventory.iter().map(described).collect())
}
