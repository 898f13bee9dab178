use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde::Deserialize;
use serde_json::json;

use super::{
    kept::{Trace, TraceId, Traces},
    otlp, shown, tempo,
};

const PROTOBUF: &str = "application/protobuf";
const OTLP_PROTOBUF: &str = "application/x-protobuf";

/// As many as are listed where nobody says how many.
const LISTED: usize = 20;

type Kept = State<Arc<Traces>>;

/// What is shown, by Tempo's paths where they mean the same.
pub(super) fn router(traces: Arc<Traces>, largest_message: usize) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/traces", get(list))
        .route("/traces/{id}", get(tree))
        .route("/api/traces/{id}", get(trace))
        .route("/api/search", get(search))
        .route("/api/echo", get(|| async { "echo" }))
        .route("/status", get(status))
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(|| async { "ready\n" }))
        .route("/v1/traces", post(receive).layer(DefaultBodyLimit::max(largest_message)))
        .with_state(traces)
}

/// Which traces are asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    limit: Option<usize>,
    /// As Tempo has it: `100ms`, `2s`.
    min_duration: Option<String>,
}

impl Wanted {
    fn of(&self, traces: &Traces) -> Result<Vec<(TraceId, Trace)>, Refusal> {
        let least = self.min_duration.as_deref().map_or(Ok(Duration::ZERO), |text| {
            duration(text).ok_or_else(|| Refusal::wrong("minDuration is a number of ms or s, such as 100ms"))
        })?;
        let mut found = traces.all();
        found.retain(|(_, trace)| Duration::from_nanos(trace.nanos()) >= least);
        Ok(found)
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(LISTED)
    }
}

fn duration(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

async fn list(State(traces): Kept, Query(wanted): Query<Wanted>) -> Result<String, Refusal> {
    let mut found = wanted.of(&traces)?;
    found.sort_by_key(|(_, trace)| std::cmp::Reverse(trace.nanos()));
    found.truncate(wanted.limit());
    Ok(shown::list(traces.counts(), &found))
}

async fn search(State(traces): Kept, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = wanted.of(&traces)?;
    let found: Vec<_> =
        found.iter().take(wanted.limit()).map(|(id, trace)| tempo::found(id, trace)).collect();
    Ok(Json(json!({ "traces": found })).into_response())
}

async fn tree(State(traces): Kept, Path(id): Path<String>) -> Result<String, Refusal> {
    look_up(&traces, &id).map(|(id, trace)| shown::tree(&id, &trace))
}

async fn trace(State(traces): Kept, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Refusal> {
    let (_, trace) = look_up(&traces, &id)?;
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains(PROTOBUF)) {
        return Ok(([(header::CONTENT_TYPE, PROTOBUF)], tempo::message(&trace)).into_response());
    }
    Ok(Json(tempo::json(&trace)).into_response())
}

fn look_up(traces: &Traces, id: &str) -> Result<(TraceId, Trace), Refusal> {
    let id =
        shown::trace_id(id).ok_or_else(|| Refusal::wrong("a trace id is up to 32 hexadecimal digits"))?;
    traces.get(&id).map(|trace| (id, trace)).ok_or(Refusal::NotKept)
}

async fn status(State(traces): Kept) -> Response {
    let counts = traces.counts();
    let status = json!({
        "spansReceived": counts.spans_received,
        "spansRefused": counts.spans_refused,
        "tracesKept": counts.traces,
        "tracesForgotten": counts.traces_forgotten,
        "bytes": counts.bytes,
    });
    Json(status).into_response()
}

/// OTLP over HTTP, with protobuf.
async fn receive(State(traces): Kept, body: Bytes) -> Result<Response, Refusal> {
    let request =
        ExportTraceServiceRequest::decode(body).map_err(|error| Refusal::Wrong(error.to_string()))?;
    let answer = otlp::taken(&traces, request).encode_to_vec();
    Ok(([(header::CONTENT_TYPE, OTLP_PROTOBUF)], answer).into_response())
}

/// Why nothing is shown.
enum Refusal {
    Wrong(String),
    NotKept,
}

impl Refusal {
    fn wrong(reason: &str) -> Self {
        Self::Wrong(reason.to_owned())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Wrong(reason) => (StatusCode::BAD_REQUEST, format!("{reason}\n")).into_response(),
            Self::NotKept => (StatusCode::NOT_FOUND, "no such trace is kept\n").into_response(),
        }
    }
}
