//! Holds: `/api/concerts/{concertId}/schedules/{concertScheduleId}/holds` and `/api/holds`.

mod representation;
mod steps;
mod wanted;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    App,
    body::JsonBody,
    buyer::{Holder, claim},
    idempotency_key::MayHaveKey,
    own_refusals::OwnRefusals,
    parameters::{PathText, id, uuid},
    problem::{Problem, ProblemBody},
    queue_token::NamedUser,
};

pub(crate) use representation::{HoldBody, HoldsBody, SeatBody, version_of};
pub(crate) use steps::{__path_check_out, __path_confirm, __path_extend, check_out, confirm, extend};
use wanted::WantedBody;

/// Hold seats
///
/// Those that are named, all or none, or the best available ones. They are the buyer's until `endsAt`, by
/// `serverTime`. Behind a room in force it needs the token of an `ACTIVE` visitor of that room, whose session is
/// renewed by it; behind a room that is off any token given there, or else the buyer names itself as for joining. With
/// an `Idempotency-Key` the same request has the same answer for 24 hours, whatever has become of the session since:
/// without one, look at `GET /api/holds` before asking again after a 5xx.
#[utoipa::path(
    post,
    path = "/api/concerts/{concertId}/schedules/{concertScheduleId}/holds",
    tag = "selling",
    operation_id = "hold",
    params(
        ("concertId" = u64, Path, minimum = 1),
        ("concertScheduleId" = u64, Path, minimum = 1),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            description = "Names this request: visible ASCII characters, bare or quoted. Keys of different buyers have nothing to do with each other."),
    ),
    request_body(content = WantedBody, examples(
        ("named" = (summary = "These seats, all or none", value = json!({"seatIds": [118, 119]}))),
        ("bestAvailable" = (summary = "So many that go together", value = json!({"bestAvailable": {"count": 2, "tier": "A"}}))),
    )),
    security((), ("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 201, description = "The seats are held. `Location` is the hold", body = HoldBody, example = json!({
            "holdId": "0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e", "concertId": 7, "scheduleId": 71, "state": "HELD",
            "seats": [{"seatId": 118, "seatNumber": 118, "seatPrice": 8800, "section": "Stalls left", "row": "C",
                "label": "C 18", "tier": "A"}],
            "amount": 8800, "currency": "EUR", "heldAt": "2026-11-22T10:00:00Z", "endsAt": "2026-11-22T10:10:00Z",
            "latestEndAt": "2026-11-22T10:30:00Z", "serverTime": "2026-11-22T10:00:00Z", "version": "AeX6…"
        })),
        (status = 400, description = "`invalid-parameter`, `invalid-json`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "`token-missing`, `token-invalid`, `token-of-ended-epoch`, `access-token-missing`, `access-token-invalid`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`still-waiting` with the place, `session-ended`, `token-of-another-room`, `not-in-line`, `room-closed`, `user-mismatch`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: the concert, its schedule or the section",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`seats-taken` with the seats, `not-enough-seats`, `limit-reached`, `sale-not-open`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "`sale-over`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "`body-too-large`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-value`, `idempotency-key-reused`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, also while another buyer's request has the same seats, `too-slow`, `overloaded`, `identity-unavailable`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn hold(
    State(app): State<Arc<App>>,
    PathText((concert, schedule)): PathText<(String, String)>,
    MayHaveKey(key): MayHaveKey,
    headers: HeaderMap,
    JsonBody(body): JsonBody<WantedBody>,
) -> Result<Response, Problem> {
    let (concert, schedule) = (id("concertId", &concert)?, id("concertScheduleId", &schedule)?);
    let (wanted, named) = body.read(concert, schedule)?;
    let claim = claim(&app, &headers, named.map(|NamedUser(user)| user));
    let answer = app.selling.hold(&claim, wanted, key.as_ref()).await?;
    let location = format!("/api/holds/{}", answer.hold.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], HoldBody::from(answer)).into_response())
}

/// The buyer's live holds
///
/// The soonest to end first, at most 100. A token of the user's is enough, whatever has become of its session.
#[utoipa::path(
    get,
    path = "/api/holds",
    tag = "selling",
    operation_id = "listHolds",
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The holds", body = HoldsBody, example = json!({"holds": []})),
        (status = 401, description = "`token-missing`, `token-invalid`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(State(app): State<Arc<App>>, Holder(user): Holder) -> Result<HoldsBody, Problem> {
    Ok(HoldsBody::from(app.selling.sales().list_holds(&user).await?))
}

/// A hold as it stands
///
/// Also after its end. Another buyer's hold is not found.
#[utoipa::path(
    get,
    path = "/api/holds/{holdId}",
    tag = "selling",
    operation_id = "getHold",
    params(("holdId" = Uuid, Path)),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The hold", body = HoldBody),
        OwnRefusals,
    )
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    PathText(hold): PathText<String>,
    Holder(user): Holder,
) -> Result<HoldBody, Problem> {
    let hold = uuid("holdId", &hold)?;
    Ok(HoldBody::from(app.selling.sales().get_hold(&user, hold).await?))
}

/// Give the seats of a hold back
///
/// Giving back what has ended, or was given back, is no error. What is sold is cancelled instead.
#[utoipa::path(
    delete,
    path = "/api/holds/{holdId}",
    tag = "selling",
    operation_id = "releaseHold",
    params(("holdId" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255)),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The hold, `RELEASED` or `ENDED`", body = HoldBody),
        (status = 409, description = "`hold-sold`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency-key-reused`",
            body = ProblemBody, content_type = "application/problem+json"),
        OwnRefusals,
    )
)]
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    PathText(hold): PathText<String>,
    MayHaveKey(key): MayHaveKey,
    Holder(user): Holder,
) -> Result<HoldBody, Problem> {
    let hold = uuid("holdId", &hold)?;
    Ok(HoldBody::from(app.selling.sales().release(&user, hold, key.as_ref()).await?))
}
