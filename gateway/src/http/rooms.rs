use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, conditional,
    parameters::{PathText, room_id},
    problem::{Problem, ProblemBody, ProblemType},
    queue_status::WaitBody,
    timestamp::Timestamp,
};
use crate::{clock, metrics::Resource, rooms::PublicRoom};

/// How a room stands, the same for everyone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublicRoom)]
pub(crate) struct RoomBody {
    /// 1 is the site room.
    #[schema(example = 1)]
    room_id: u64,
    /// What the room does: `off`, `prequeue`, `open`, `paused`, `draining` or `closed`.
    #[schema(example = "open")]
    mode: &'static str,
    /// When a prequeue opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<Timestamp>,
    /// The highest number called in so far. A visitor's remaining is its number − serving − 1.
    #[schema(example = 50000)]
    serving: u64,
    /// The last number issued.
    #[schema(example = 61042)]
    last_number: u64,
    /// How many wait.
    #[schema(example = 11000)]
    waiting: u64,
    /// How long whoever joins now may expect to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_wait_seconds: Option<WaitBody>,
    /// How often those at the end of the line ask.
    #[schema(example = 30000)]
    poll_after_ms: u64,
    /// True when this is older than it should be.
    stale: bool,
}

impl RoomBody {
    fn of(room: &PublicRoom) -> Self {
        let view = &room.view;
        Self {
            room_id: view.room.get(),
            mode: view.mode.name(),
            opens_at: view.opens_at_ms.map(Timestamp),
            serving: view.serving,
            last_number: view.last_number,
            waiting: view.waiting(),
            estimated_wait_seconds: room.wait.map(WaitBody::of),
            poll_after_ms: room.poll_after_ms,
            stale: room.stale,
        }
    }
}

/// How a room stands
///
/// The same for everyone, and good for a second: a page can show it to a crowd from a cache.
#[utoipa::path(
    get,
    path = "/api/queues/rooms/{roomId}",
    tag = "queue",
    params(("roomId" = u64, Path, minimum = 1, description = "The room; 1 is the site room.")),
    responses(
        (status = 200, description = "The room", body = RoomBody, example = json!({
            "roomId": 1, "mode": "open", "serving": 50000, "lastNumber": 61042, "waiting": 11000,
            "estimatedWaitSeconds": {"p50": 1100, "p90": 1290}, "pollAfterMs": 30000, "stale": false
        })),
        (status = 304, description = "As before"),
        (status = 400, description = "`invalid-parameter`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn room(
    State(app): State<Arc<App>>,
    PathText(id): PathText<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let room = app.rooms.room(room_id(&id)?, clock::now_ms())?;
    let room =
        room.ok_or_else(|| Problem::new(ProblemType::NotFound).with_field("roomId", "does not exist"))?;
    let response = conditional::json(&headers, conditional::PUBLIC_SECOND, &RoomBody::of(&room))?;
    Ok(app.read(Resource::Room, response))
}
