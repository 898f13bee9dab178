use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    concerts::page_query,
    conditional,
    parameters::{PathText, QueryText, id},
    problem::{Problem, ProblemBody},
    timestamp::Timestamp,
    token_header::MayShow,
};
use crate::{
    catalog::{Page, Schedule, ScheduleQuery},
    metrics::Resource,
    seats::{Encoded, ScheduleList},
};

/// A page of a concert's bookable schedules, by time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Schedules)]
pub(crate) struct SchedulesBody {
    #[schema(example = 7)]
    concert_id: u64,
    schedules: Vec<ScheduleBody>,
    /// What to ask the next page with, in the same range. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// One dated performance that can be booked: sale open, seats left, not begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Schedule)]
pub(crate) struct ScheduleBody {
    #[schema(example = 71)]
    schedule_id: u64,
    /// When it begins.
    concert_time: Timestamp,
    /// When booking opened.
    available_reservation_time: Timestamp,
    /// When booking ends.
    reservation_end_time: Timestamp,
    #[schema(example = 1000)]
    total_seats: u32,
    #[schema(example = 412)]
    available_seats: u32,
    /// In minor units of the currency.
    #[schema(example = 6600)]
    lowest_price: i64,
    /// In minor units of the currency.
    #[schema(example = 15400)]
    highest_price: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
}

impl From<Schedule> for ScheduleBody {
    fn from(schedule: Schedule) -> Self {
        Self {
            schedule_id: schedule.id,
            concert_time: Timestamp(schedule.starts_at_ms),
            available_reservation_time: Timestamp(schedule.sale_opens_at_ms),
            reservation_end_time: Timestamp(schedule.sale_closes_at_ms),
            total_seats: schedule.total_seats,
            available_seats: schedule.available_seats,
            lowest_price: schedule.lowest_price,
            highest_price: schedule.highest_price,
            currency: schedule.currency,
        }
    }
}

fn schedule_query(concert: &str, query: &QueryText) -> Result<ScheduleQuery, Problem> {
    let concert = id("concertId", concert)?;
    let (from_ms, to_ms) = (query.instant("from")?, query.instant("to")?);
    if from_ms.zip(to_ms).is_some_and(|(from, to)| from > to) {
        return Err(Problem::parameter("from", "not after `to`"));
    }
    Ok(ScheduleQuery { concert, from_ms, to_ms, page: page_query(query)? })
}

/// A concert's bookable schedules
///
/// No older than a second (unless configured otherwise). Behind a room in force it needs the token of an `ACTIVE` visitor of that room.
#[utoipa::path(
    get,
    path = "/api/concerts/{concertId}/schedules",
    tag = "catalog",
    operation_id = "listSchedules",
    params(
        ("concertId" = u64, Path, minimum = 1),
        ("from" = Option<String>, Query, format = DateTime, description = "Those that begin at or after this, RFC 3339; now without it."),
        ("to" = Option<String>, Query, format = DateTime, description = "Those that begin before this, RFC 3339."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 without it."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before, of the same concert and range."),
    ),
    security((), ("queueToken" = []), ("olderToken" = [])),
    responses(
        (status = 200, description = "A page of schedules", body = SchedulesBody, example = json!({
            "concertId": 7,
            "schedules": [{"scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z",
                "availableReservationTime": "2026-11-01T10:00:00Z", "reservationEndTime": "2026-12-24T17:00:00Z",
                "totalSeats": 1000, "availableSeats": 412, "lowestPrice": 6600, "highestPrice": 15400,
                "currency": "EUR"}]
        })),
        (status = 304, description = "As before"),
        (status = 400, description = "`invalid-parameter`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "`token-missing`, `token-invalid`, `token-of-ended-epoch`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`still-waiting` with the place, `token-of-another-room`, `not-in-line`, `session-ended`, `room-closed`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-value`: a cursor of another query",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    PathText(concert): PathText<String>,
    query: QueryText,
    MayShow(presented): MayShow,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = schedule_query(&concert, &query)?;
    let concert_id = query.concert;
    app.rooms.admit(concert_id, &presented).await?;
    let list = app.schedules.get(query).await?;
    let (body, tag) = list.body.get_or_try_init(|| async { encode(concert_id, &list) }).await?;
    let response = if conditional::is_known(&headers, tag) {
        conditional::encoded_not_modified(conditional::PRIVATE, tag)
    } else {
        conditional::encoded(&headers, conditional::PRIVATE, tag, ("", body)).await
    };
    Ok(app.read(Resource::Schedules, response))
}

/// A page as it is sent, and its tag: weak, since the bytes are others in another encoding.
fn encode(concert_id: u64, list: &ScheduleList) -> Result<(Encoded, String), Problem> {
    let Page { items, next_cursor } = list.page.clone();
    let schedules = items.into_iter().map(Into::into).collect();
    let body = conditional::encode(&SchedulesBody { concert_id, schedules, next_cursor })?;
    let tag = format!("W/{}", conditional::hash_tag(&body));
    Ok((Encoded::new(body), tag))
}
