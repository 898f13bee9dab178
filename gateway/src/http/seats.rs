//! The live seats of a schedule, in two representations: the list that older clients know, and the states alone, for
//! who has the chart of the hall.

mod list;
mod question;
mod states;

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use self::{
    list::SeatsBody,
    question::{Question, View},
    states::StatesBody,
};
use super::{
    App, conditional,
    parameters::{PathText, QueryText},
    problem::{Problem, ProblemBody},
    token_header::MayShow,
};
use crate::{
    failure::{Failure, Service},
    metrics::{ReadAnswer, Resource},
    seats::{Encoded, Layout, Part, SeatsRead, Shown},
};

/// What a body begins with when it is encoded; each answer has an age of its own in its place.
const HEAD: &str = r#"{"ageMs":0,"#;
/// Encoding more seats than this is not done where others wait for the thread.
const FEW: u32 = 2_000;

/// The seats, as a list or as states.
#[derive(ToSchema)]
#[schema(as = SeatsAnswer)]
#[serde(untagged)]
#[expect(dead_code, reason = "says in the document that an answer is one of two")]
pub(crate) enum SeatsAnswer<'a> {
    List(SeatsBody<'a>),
    States(StatesBody<'a>),
}

/// The live seats of a schedule
///
/// The free ones, or all with `status=ALL`; or, with `view=states`, one character a seat, for who has the chart of the
/// hall from `/api/layouts/{layoutId}`. Nothing shown is older than 250 ms (unless configured otherwise): `ageMs` is
/// how old at most. Where no view is that young, the answer is 503.
///
/// The answer to a hold, a checkout, a confirmation or a release has a `version` too: a read with that as `atLeast`
/// shows what was done.
///
/// Behind a room in force it needs the token of an `ACTIVE` visitor of that room. A schedule that is not of the path's
/// concert is not found.
#[utoipa::path(
    get,
    path = "/api/concerts/{concertId}/schedules/{concertScheduleId}/seats",
    tag = "catalog",
    operation_id = "listSeats",
    params(
        ("concertId" = u64, Path, minimum = 1),
        ("concertScheduleId" = u64, Path, minimum = 1),
        ("view" = Option<String>, Query, description = "`list`, as without it, or `states`."),
        ("status" = Option<String>, Query, description = "Of the list: `AVAILABLE`, as without it, or `ALL`."),
        ("section" = Option<String>, Query, description = "Of the list: only this section."),
        ("since" = Option<String>, Query, description = "The `version` of an earlier answer: only what changed since, with `complete` false. Everything, with `complete` true, where that cannot be told any more. Nothing older than that version is shown."),
        ("atLeast" = Option<String>, Query, description = "The `version` of an answer to a write, or of seats: what is shown has it."),
    ),
    security((), ("queueToken" = []), ("olderToken" = [])),
    responses(
        (status = 200, description = "The seats; gzip where `Accept-Encoding` takes it", body = SeatsAnswer, examples(
            ("list" = (value = json!({
                "ageMs": 40, "concertId": 7, "scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z",
                "totalSeats": 1000, "version": "AQdHwKyS…", "currency": "EUR", "complete": true,
                "seats": [{"seatId": 118, "seatNumber": 118, "status": "AVAILABLE", "seatPrice": 8800,
                    "section": "Stalls left", "row": "C", "label": "C 18", "tier": "A"}]
            }))),
            ("states" = (value = json!({
                "ageMs": 40, "concertId": 7, "scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z",
                "totalSeats": 12, "version": "AQdHwKyS…", "currency": "EUR", "complete": true, "layoutId": 5,
                "availableSeats": 7, "prices": {"A": 8800, "B": 6600}, "states": "AAHHSSBAAAAA"
            }))),
        )),
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
    let question = Question::read(&concert, &schedule, &query)?;
    app.rooms.admit(question.concert, &presented).await?;
    let read = app.seats.read((question.concert, question.schedule), &question.seen()).await?;
    if let Some(section) = &question.section {
        let layout = app.seats.layouts.get(read.shown.facts.layout).await?;
        if !layout.has_section(section) {
            return Err(Failure::NotFound { what: Some("section".to_owned()) }.into());
        }
    }
    if let Some(seats) = question.since.as_ref().and_then(|since| read.shown.changed_since(since)) {
        let response = changes(&app, &question, &read, &seats).await?;
        app.metrics.read(Resource::Seats, ReadAnswer::Changes);
        return Ok(response);
    }
    Ok(app.read(Resource::Seats, whole(&app, &question, &read, &headers).await?))
}

/// Everything, as it was encoded for all.
async fn whole(
    app: &App,
    question: &Question,
    read: &SeatsRead,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let part = question.part();
    let tag = conditional::weak_tag(&[&read.shown.version, &format!("{part:?}")]);
    if conditional::is_known(headers, &tag) {
        return Ok(conditional::encoded_not_modified(conditional::PRIVATE, &tag));
    }
    let body = read.shown.body(part.clone(), || encode(app, part, &read.shown)).await?;
    let Some(body) = body.get() else { return Err(broken("a body that is not there").into()) };
    let head = format!(r#"{{"ageMs":{},"#, age_ms(read));
    Ok(conditional::encoded(headers, conditional::PRIVATE, &tag, (&head, body)).await)
}

/// What has changed: an answer for this reader only, as short as the changes are few.
async fn changes(
    app: &App,
    question: &Question,
    read: &SeatsRead,
    seats: &[u32],
) -> Result<Response, Problem> {
    let caching = [(header::CACHE_CONTROL, conditional::PRIVATE), (header::VARY, "authorization, token")];
    let response = if question.view == View::States {
        (caching, Json(StatesBody::changes(&read.shown, age_ms(read), seats))).into_response()
    } else {
        let layout = layout(app, &read.shown).await?;
        let section = question.section.as_deref();
        let body = SeatsBody::changes(&read.shown, &layout, age_ms(read), seats, section)?;
        (caching, Json(body)).into_response()
    };
    Ok(response)
}

async fn encode(app: &App, part: Part, shown: &Arc<Shown>) -> Result<Encoded, Failure> {
    app.metrics.seats_encoded();
    let layout = if part == Part::States { None } else { Some(layout(app, shown).await?) };
    let shown = Arc::clone(shown);
    let few = shown.seats.count() <= FEW;
    let encode = move || match (&part, &layout) {
        (Part::Available(section), Some(layout)) => {
            rest(&SeatsBody::whole(&shown, layout, true, section.as_deref())?)
        }
        (Part::All(section), Some(layout)) => {
            rest(&SeatsBody::whole(&shown, layout, false, section.as_deref())?)
        }
        (Part::States, _) | (_, None) => rest(&StatesBody::whole(&shown)),
    };
    if few {
        return encode();
    }
    let ended = |_| broken("encoding did not end");
    tokio::task::spawn_blocking(encode).await.map_err(ended)?
}

/// The hall of a schedule, which has as many seats.
async fn layout(app: &App, shown: &Shown) -> Result<Arc<Layout>, Failure> {
    let layout = app.seats.layouts.get(shown.facts.layout).await?;
    if layout.seats.len() == shown.seats.count() as usize {
        Ok(layout)
    } else {
        Err(broken("another hall's seats"))
    }
}

/// What follows the head.
fn rest<T: Serialize>(body: &T) -> Result<Encoded, Failure> {
    let bytes = serde_json::to_vec(body).map_err(|error| broken(&error.to_string()))?;
    let rest = bytes.strip_prefix(HEAD.as_bytes()).ok_or_else(|| broken("the age does not come first"))?;
    Ok(Encoded::new(rest.to_vec()))
}

fn broken(reason: &str) -> Failure {
    Failure::Broken { service: Service::Catalog, reason: reason.to_owned() }
}

/// Rounded up: an age is never said to be less than it is.
fn age_ms(read: &SeatsRead) -> u64 {
    u64::try_from(read.age.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
