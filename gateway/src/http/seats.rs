use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, conditional,
    parameters::{PathText, QueryText, id},
    problem::{Problem, ProblemBody},
    timestamp::Timestamp,
    token_header::MayShow,
};
use crate::catalog::{Seat, SeatAnswer, SeatList, SeatQuery, SeatStatus};

/// A schedule's seats and their states at one instant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seats)]
pub(crate) struct SeatsBody {
    #[schema(example = 7)]
    concert_id: u64,
    #[schema(example = 71)]
    schedule_id: u64,
    /// When the schedule begins.
    concert_time: Timestamp,
    /// How many seats the hall has, whatever their state.
    #[schema(example = 1000)]
    total_seats: u32,
    /// Opaque; equal versions mean equal states.
    #[schema(example = "5.12")]
    version: String,
    /// How old the states were when this answer was made.
    #[schema(example = 40)]
    age_ms: u64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    /// By number.
    seats: Vec<SeatBody>,
}

/// One numbered place.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seat)]
pub(crate) struct SeatBody {
    /// The seat's number in its schedule.
    #[schema(example = 118)]
    seat_id: u32,
    /// The same.
    #[schema(example = 118)]
    seat_number: u32,
    status: SeatStatusName,
    /// In minor units of the currency.
    #[schema(example = 8800)]
    seat_price: i64,
    #[schema(example = "Stalls left")]
    section: String,
    #[schema(example = "C")]
    row: String,
    /// What is printed on the ticket.
    #[schema(example = "C 18")]
    label: String,
    #[schema(example = "A")]
    tier: String,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = SeatStatus)]
enum SeatStatusName {
    Available,
    Held,
    Sold,
    Blocked,
}

impl From<Seat> for SeatBody {
    fn from(seat: Seat) -> Self {
        Self {
            seat_id: seat.number,
            seat_number: seat.number,
            status: match seat.status {
                SeatStatus::Available => SeatStatusName::Available,
                SeatStatus::Held => SeatStatusName::Held,
                SeatStatus::Sold => SeatStatusName::Sold,
                SeatStatus::Blocked => SeatStatusName::Blocked,
            },
            seat_price: seat.price,
            section: seat.section,
            row: seat.row,
            label: seat.label,
            tier: seat.tier,
        }
    }
}

impl From<SeatList> for SeatsBody {
    fn from(list: SeatList) -> Self {
        Self {
            concert_id: list.concert,
            schedule_id: list.schedule,
            concert_time: Timestamp(list.starts_at_ms),
            total_seats: list.total_seats,
            version: list.version,
            age_ms: list.age_ms,
            currency: list.currency,
            seats: list.seats.into_iter().map(Into::into).collect(),
        }
    }
}

fn seat_query(
    concert: &str,
    schedule: &str,
    query: &QueryText,
    headers: &HeaderMap,
) -> Result<SeatQuery, Problem> {
    let available_only = match query.text("status")? {
        None | Some("AVAILABLE") => true,
        Some("ALL") => false,
        Some(_) => return Err(Problem::parameter("status", "AVAILABLE or ALL")),
    };
    Ok(SeatQuery {
        concert: id("concertId", concert)?,
        schedule: id("concertScheduleId", schedule)?,
        available_only,
        section: query.text("section")?.filter(|section| !section.is_empty()).map(str::to_owned),
        known_version: conditional::known_tags(headers).find_map(version_of),
    })
}

/// The catalog's version as a tag. Weak: the age in the body differs where the states do not.
fn tag_of(version: &str) -> String {
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(version))
}

/// The catalog's version in a tag of ours.
fn version_of(tag: &str) -> Option<String> {
    let encoded = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

/// The live seats of a schedule
///
/// The free ones, or all with `status=ALL`. Behind a room in force it needs the token of an `ACTIVE` visitor of that
/// room. A schedule that is not of the path's concert is not found.
#[utoipa::path(
    get,
    path = "/api/concerts/{concertId}/schedules/{concertScheduleId}/seats",
    tag = "catalog",
    operation_id = "listSeats",
    params(
        ("concertId" = u64, Path, minimum = 1),
        ("concertScheduleId" = u64, Path, minimum = 1),
        ("status" = Option<String>, Query, description = "`AVAILABLE`, as without it, or `ALL`."),
        ("section" = Option<String>, Query, description = "Only this section."),
    ),
    security((), ("queueToken" = []), ("olderToken" = [])),
    responses(
        (status = 200, description = "The seats", body = SeatsBody, example = json!({
            "concertId": 7, "scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z", "totalSeats": 1000,
            "version": "5.12", "ageMs": 40, "currency": "EUR",
            "seats": [{"seatId": 118, "seatNumber": 118, "status": "AVAILABLE", "seatPrice": 8800,
                "section": "Stalls left", "row": "C", "label": "C 18", "tier": "A"}]
        })),
        (status = 304, description = "As before"),
        (status = 400, description = "`invalid-parameter`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "`token-missing`, `token-invalid`, `token-of-ended-epoch`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`still-waiting` with the place, `token-of-another-room`, `not-in-line`, `session-ended`, `room-closed`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: the concert, its schedule or the section",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    PathText((concert, schedule)): PathText<(String, String)>,
    query: QueryText,
    MayShow(presented): MayShow,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = seat_query(&concert, &schedule, &query, &headers)?;
    app.rooms.admit(query.concert, &presented).await?;
    match app.catalog.seats(query).await? {
        SeatAnswer::NotModified { version } => {
            Ok(conditional::not_modified(conditional::PRIVATE, &tag_of(&version)))
        }
        SeatAnswer::Seats(list) => {
            let tag = tag_of(&list.version);
            conditional::tagged_json(conditional::PRIVATE, &tag, &SeatsBody::from(list))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_survives_the_way_through_a_tag() {
        let version = "12:\"odd, version\"";
        assert_eq!(version_of(&tag_of(version)).as_deref(), Some(version));
        assert_eq!(version_of("W/\"not base64!\""), None);
        assert_eq!(version_of("*"), None);
    }
}
