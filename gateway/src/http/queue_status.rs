use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use onsale_token::Wait;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    problem::{Problem, ProblemBody},
    timestamp::Timestamp,
    token_header::Shows,
};
use crate::rooms::{Standing, Standpoint};

/// Where a visitor stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Status)]
pub(crate) struct StatusBody {
    /// `EXPIRED` is a place that is used up: the session is over, the visitor left or did not come back in time.
    status: StatusName,
    /// How many stand before the visitor, 0 for the first in line. Only while `WAITING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1041)]
    remaining_queue_count: Option<u64>,
    /// Called, but without a free slot just now. Only while `WAITING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<bool>,
    /// Absent where there is no honest estimate: paused, not open yet, called already.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_wait_seconds: Option<WaitBody>,
    /// When to ask again. Absent when there is no use in asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12000)]
    poll_after_ms: Option<u64>,
    /// When the session ends unless the visitor is seen before. Only while `ACTIVE`, in a room that is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// Stable for the life of the session. Only while `ACTIVE`, in a room that is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// The room that the place is in; 1 is the site room.
    #[schema(example = 1)]
    room_id: u64,
    /// What the room does: `off`, `prequeue`, `open`, `paused`, `draining` or `closed`.
    #[schema(example = "open")]
    mode: &'static str,
    /// The visitor's number. Absent where the room was off when it joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 51042)]
    number: Option<u64>,
    /// How old what this was answered from is.
    #[schema(example = 180)]
    age_ms: u64,
    /// True when that is older than it should be: a part of the system is away, and the place is kept.
    stale: bool,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = StatusName)]
enum StatusName {
    Waiting,
    Active,
    Expired,
    Closed,
}

/// How long to expect to wait, in seconds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = EstimatedWait)]
pub(crate) struct WaitBody {
    /// Half of those in this place wait no longer.
    #[schema(example = 120)]
    p50: u64,
    /// Nine in ten wait no longer.
    #[schema(example = 141)]
    p90: u64,
}

impl WaitBody {
    pub(crate) fn of(wait: Wait) -> Self {
        Self { p50: wait.p50_ms.div_ceil(1_000), p90: wait.p90_ms.div_ceil(1_000) }
    }
}

impl StatusBody {
    pub(crate) fn of(standpoint: &Standpoint) -> Self {
        let place = &standpoint.place;
        let waits = place.standing == Standing::Waiting;
        Self {
            status: match place.standing {
                Standing::Waiting => StatusName::Waiting,
                Standing::Active => StatusName::Active,
                Standing::Expired => StatusName::Expired,
                Standing::Closed => StatusName::Closed,
            },
            remaining_queue_count: waits.then_some(place.remaining),
            ready: waits.then_some(place.ready),
            estimated_wait_seconds: place.wait.map(WaitBody::of),
            poll_after_ms: place.poll_after_ms,
            expires_at: place.session.as_ref().map(|session| Timestamp(session.expires_at_ms)),
            session_id: place.session.as_ref().map(|session| session.id.clone()),
            room_id: place.room.get(),
            mode: place.mode.name(),
            number: (place.number > 0).then_some(place.number),
            age_ms: u64::try_from(standpoint.age.as_millis()).unwrap_or(u64::MAX),
            stale: standpoint.stale,
        }
    }
}

/// Where the visitor stands
///
/// Ask again after `pollAfterMs`. A called visitor is admitted by asking: the answer is `ACTIVE`, and so is every
/// repeat until the session ends.
#[utoipa::path(
    get,
    path = "/api/queues/status",
    tag = "queue",
    params(("userId" = Option<String>, Query, deprecated, description = "Ignored: the token says who asks.")),
    security(("queueToken" = []), ("olderToken" = [])),
    responses(
        (status = 200, description = "The visitor's place", body = StatusBody, example = json!({
            "status": "WAITING", "remainingQueueCount": 1041, "ready": false,
            "estimatedWaitSeconds": {"p50": 120, "p90": 141}, "pollAfterMs": 12000,
            "roomId": 1, "mode": "open", "number": 51042, "ageMs": 180, "stale": false
        })),
        (status = 401, description = "`token-missing`, `token-invalid`, `token-of-ended-epoch`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`not-in-line`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`: called visitors, while the rooms' store is away",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn status(State(app): State<Arc<App>>, Shows(shown): Shows) -> Result<Response, Problem> {
    let standpoint = app.rooms.status(&shown).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(StatusBody::of(&standpoint))).into_response())
}
