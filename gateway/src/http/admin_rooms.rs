use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use onsale_token::{Mode, RoomId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App,
    body::JsonBody,
    parameters::{PathText, id, room_id},
    problem::{Problem, ProblemBody},
    timestamp::Timestamp,
};
use crate::rooms::{Policy, RoomState};

/// What an operator sets. Durations in milliseconds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Policy)]
pub(crate) struct PolicyBody {
    /// `off`, `prequeue`, `open`, `paused`, `draining` or `closed`.
    #[schema(example = "open")]
    mode: String,
    /// When a prequeue opens by itself, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, example = "2026-12-24T18:00:00Z")]
    opens_at: Option<String>,
    /// How many are called a second, 0.001 to 100,000.
    #[schema(example = 20.0)]
    rate_per_second: f64,
    /// How many may be called at once after a lull, 1 to 100,000.
    #[schema(example = 20)]
    burst: u32,
    /// Sessions at once, 0 to 1,000,000.
    #[schema(example = 1000)]
    capacity: u32,
    /// How long a called visitor has to come: two of the longest poll intervals (69 s) to a day.
    #[schema(example = 120_000)]
    claim_window_ms: u64,
    /// How long after the claim window a visitor may still come back, up to a day.
    #[schema(example = 600_000)]
    return_window_ms: u64,
    /// A session's life without renewal, a second to a day.
    #[schema(example = 180_000)]
    lease_ms: u64,
    /// A session's life with renewals, from `leaseMs` to a day.
    #[schema(example = 900_000)]
    session_cap_ms: u64,
    /// How many may wait at once, 1 to 100,000,000.
    #[schema(example = 1_000_000)]
    max_waiting: u64,
}

/// A policy to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PutRoom)]
pub(crate) struct PutRoomBody {
    policy: PolicyBody,
    /// When given, the change is made only to this policy version.
    #[serde(default)]
    expected_version: Option<u64>,
}

/// A concert's room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ConcertRoom)]
pub(crate) struct ConcertRoomBody {
    #[schema(example = 42)]
    room_id: u64,
}

/// A room as an operator sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Room)]
pub(crate) struct RoomStateBody {
    #[schema(example = 42)]
    room_id: u64,
    /// Grows with every reset.
    epoch: u64,
    policy: PolicyBody,
    /// Grows with every change of the policy or mode.
    policy_version: u64,
    serving: u64,
    last_number: u64,
    /// Sessions.
    active: u64,
    /// Called and present without a slot.
    ready: u64,
    /// Every number up to here has had its claim window.
    floor: u64,
    /// The concerts that the room guards by name.
    concert_ids: Vec<u64>,
}

/// Every room.
#[derive(Serialize, ToSchema)]
#[schema(as = Rooms)]
pub(crate) struct RoomsBody {
    rooms: Vec<RoomStateBody>,
}

impl PolicyBody {
    fn of(policy: &Policy) -> Self {
        Self {
            mode: policy.mode.name().to_owned(),
            opens_at: policy.opens_at_ms.and_then(|at| Timestamp(at).text()),
            rate_per_second: policy.rate_per_second,
            burst: policy.burst,
            capacity: policy.capacity,
            claim_window_ms: policy.claim_window_ms,
            return_window_ms: policy.return_window_ms,
            lease_ms: policy.lease_ms,
            session_cap_ms: policy.session_cap_ms,
            max_waiting: policy.max_waiting,
        }
    }

    fn into_policy(self) -> Result<Policy, Problem> {
        let mode = Mode::from_name(&self.mode).ok_or_else(|| {
            Problem::value("policy.mode", "one of off, prequeue, open, paused, draining, closed")
        })?;
        let opens_at = self.opens_at.as_deref().map(|text| {
            Timestamp::parse(text)
                .filter(|instant| instant.0 > 0)
                .ok_or_else(|| Problem::value("policy.opensAt", "an instant as RFC 3339 writes it"))
        });
        Ok(Policy {
            mode,
            opens_at_ms: opens_at.transpose()?.map(|instant| instant.0),
            rate_per_second: self.rate_per_second,
            burst: self.burst,
            capacity: self.capacity,
            claim_window_ms: self.claim_window_ms,
            return_window_ms: self.return_window_ms,
            lease_ms: self.lease_ms,
            session_cap_ms: self.session_cap_ms,
            max_waiting: self.max_waiting,
        })
    }
}

impl From<RoomState> for RoomStateBody {
    fn from(room: RoomState) -> Self {
        Self {
            room_id: room.room.get(),
            epoch: room.epoch,
            policy: PolicyBody::of(&room.policy),
            policy_version: room.policy_version,
            serving: room.serving,
            last_number: room.last_number,
            active: room.active,
            ready: room.ready,
            floor: room.floor,
            concert_ids: room.concerts,
        }
    }
}

type RoomAnswer = Result<Json<RoomStateBody>, Problem>;

/// Every room
#[utoipa::path(get, path = "/api/admin/rooms", tag = "admin", operation_id = "listRooms",
    security(("operatorKey" = [])),
    responses(
        (status = 200, description = "The rooms", body = RoomsBody),
        (status = 401, description = "`operator-key-required`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<RoomsBody>, Problem> {
    let rooms = app.admin.list().await?.into_iter().map(Into::into).collect();
    Ok(Json(RoomsBody { rooms }))
}

/// A room and its policy
#[utoipa::path(get, path = "/api/admin/rooms/{roomId}", tag = "admin", operation_id = "getRoom",
    params(("roomId" = u64, Path, minimum = 1, description = "1 is the site room.")),
    security(("operatorKey" = [])),
    responses(
        (status = 200, description = "The room", body = RoomStateBody),
        (status = 401, description = "`operator-key-required`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(State(app): State<Arc<App>>, PathText(room): PathText<String>) -> RoomAnswer {
    Ok(Json(app.admin.get(room_id(&room)?).await?.into()))
}

/// Create a room, or replace its policy
///
/// The line stays as it is.
#[utoipa::path(put, path = "/api/admin/rooms/{roomId}", tag = "admin", operation_id = "putRoom",
    params(("roomId" = u64, Path, minimum = 1, description = "1 is the site room.")),
    request_body = PutRoomBody,
    security(("operatorKey" = [])),
    responses(
        (status = 200, description = "The room", body = RoomStateBody),
        (status = 401, description = "`operator-key-required`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`version-conflict`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-value`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    PathText(room): PathText<String>,
    JsonBody(body): JsonBody<PutRoomBody>,
) -> RoomAnswer {
    let (room, policy) = (room_id(&room)?, body.policy.into_policy()?);
    Ok(Json(app.admin.put(room, &policy, body.expected_version).await?.into()))
}

/// Stand still: serving stays, nobody is admitted, windows stand still
#[utoipa::path(post, path = "/api/admin/rooms/{roomId}/pause", tag = "admin", operation_id = "pauseRoom",
    params(("roomId" = u64, Path, minimum = 1)),
    security(("operatorKey" = [])),
    responses(
        (status = 200, description = "The room", body = RoomStateBody),
        (status = 409, description = "`wrong-mode`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn pause(State(app): State<Arc<App>>, PathText(room): PathText<String>) -> RoomAnswer {
    Ok(Json(app.admin.pause(room_id(&room)?).await?.into()))
}

/// Go on as before the pause
#[utoipa::path(post, path = "/api/admin/rooms/{roomId}/resume", tag = "admin", operation_id = "resumeRoom",
    params(("roomId" = u64, Path, minimum = 1)),
    security(("operatorKey" = [])),
    responses(
        (status = 200, description = "The room", body = RoomStateBody),
        (status = 409, description = "`wrong-mode`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn resume(State(app): State<Arc<App>>, PathText(room): PathText<String>) -> RoomAnswer {
    Ok(Json(app.admin.resume(room_id(&room)?).await?.into()))
}

/// Take no more visitors, serve those who wait
#[utoipa::path(post, path = "/api/admin/rooms/{roomId}/drain", tag = "admin", operation_id = "drainRoom",
    params(("roomId" = u64, Path, minimum = 1)),
    security(("operatorKey" = [])),
    responses(
        (status = 200, description = "The room", body = RoomStateBody),
        (status = 409, description = "`wrong-mode`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn drain(State(app): State<Arc<App>>, PathText(room): PathText<String>) -> RoomAnswer {
    Ok(Json(app.admin.drain(room_id(&room)?).await?.into()))
}

/// Start a new epoch: an empty line; every token, place and session of the old one ends
#[utoipa::path(post, path = "/api/admin/rooms/{roomId}/reset", tag = "admin", operation_id = "resetRoom",
    params(("roomId" = u64, Path, minimum = 1)),
    security(("operatorKey" = [])),
    responses((status = 200, description = "The room", body = RoomStateBody))
)]
pub(crate) async fn reset(State(app): State<Arc<App>>, PathText(room): PathText<String>) -> RoomAnswer {
    Ok(Json(app.admin.reset(room_id(&room)?).await?.into()))
}

/// Put a concert behind a room
#[utoipa::path(put, path = "/api/admin/concerts/{concertId}/room", tag = "admin", operation_id = "setConcertRoom",
    params(("concertId" = u64, Path, minimum = 1)),
    request_body = ConcertRoomBody,
    security(("operatorKey" = [])),
    responses(
        (status = 204, description = "Done"),
        (status = 404, description = "`not-found`: no such room", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_concert_room(
    State(app): State<Arc<App>>,
    PathText(concert): PathText<String>,
    JsonBody(body): JsonBody<ConcertRoomBody>,
) -> Result<StatusCode, Problem> {
    let concert = id("concertId", &concert)?;
    let room = RoomId::new(body.room_id);
    let room = room.ok_or_else(|| Problem::value("roomId", "an integer from 1 to 9223372036854775807"))?;
    app.admin.set_concert_room(concert, Some(room)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a concert back behind the site room
#[utoipa::path(delete, path = "/api/admin/concerts/{concertId}/room", tag = "admin", operation_id = "clearConcertRoom",
    params(("concertId" = u64, Path, minimum = 1)),
    security(("operatorKey" = [])),
    responses((status = 204, description = "Done"))
)]
pub(crate) async fn clear_concert_room(
    State(app): State<Arc<App>>,
    PathText(concert): PathText<String>,
) -> Result<StatusCode, Problem> {
    app.admin.set_concert_room(id("concertId", &concert)?, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
