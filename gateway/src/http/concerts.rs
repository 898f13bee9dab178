use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, conditional,
    parameters::{PathText, QueryText, id},
    problem::{Problem, ProblemBody},
    timestamp::Timestamp,
};
use crate::{
    catalog::{Concert, Page, PageQuery},
    metrics::Resource,
};

/// How many items a page has at most.
pub(crate) const MOST_ITEMS: u32 = 200;

/// A page of concerts, by name.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Concerts)]
pub(crate) struct ConcertsBody {
    concerts: Vec<ConcertBody>,
    /// What to ask the next page with. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A show.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Concert)]
pub(crate) struct ConcertBody {
    #[schema(example = 7)]
    concert_id: u64,
    #[schema(example = "Night of the Strings")]
    name: String,
    #[schema(example = "Han River Quartet")]
    performer: String,
    #[schema(example = "Harbour Hall")]
    venue: String,
    /// When the first schedule begins. Absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_at: Option<Timestamp>,
    /// When the last schedule begins. Absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<Timestamp>,
}

impl From<Concert> for ConcertBody {
    fn from(concert: Concert) -> Self {
        Self {
            concert_id: concert.id,
            name: concert.name,
            performer: concert.performer,
            venue: concert.venue,
            first_at: concert.first_at_ms.map(Timestamp),
            last_at: concert.last_at_ms.map(Timestamp),
        }
    }
}

impl From<Page<Concert>> for ConcertsBody {
    fn from(page: Page<Concert>) -> Self {
        Self { concerts: page.items.into_iter().map(Into::into).collect(), next_cursor: page.next_cursor }
    }
}

/// Which page of a list a request asks for.
pub(crate) fn page_query(query: &QueryText) -> Result<PageQuery, Problem> {
    Ok(PageQuery { limit: query.limit(MOST_ITEMS)?, cursor: query.text("cursor")?.map(str::to_owned) })
}

/// All concerts
#[utoipa::path(
    get,
    path = "/api/concerts",
    tag = "catalog",
    operation_id = "listConcerts",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 without it."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
    ),
    responses(
        (status = 200, description = "A page of concerts", body = ConcertsBody, example = json!({
            "concerts": [{"concertId": 7, "name": "Night of the Strings", "performer": "Han River Quartet",
                "venue": "Harbour Hall", "firstAt": "2026-12-24T18:00:00Z", "lastAt": "2027-01-06T18:00:00Z"}],
            "nextCursor": "bmlnaHR8Nw"
        })),
        (status = 304, description = "As before"),
        (status = 400, description = "`invalid-parameter`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-value`: a cursor of another list",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    query: QueryText,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = app.catalog.concerts(page_query(&query)?).await?;
    let response = conditional::json(&headers, conditional::PUBLIC_SECOND, &ConcertsBody::from(page))?;
    Ok(app.read(Resource::Concerts, response))
}

/// One concert
#[utoipa::path(
    get,
    path = "/api/concerts/{concertId}",
    tag = "catalog",
    operation_id = "getConcert",
    params(("concertId" = u64, Path, minimum = 1)),
    responses(
        (status = 200, description = "The concert", body = ConcertBody, example = json!({
            "concertId": 7, "name": "Night of the Strings", "performer": "Han River Quartet",
            "venue": "Harbour Hall", "firstAt": "2026-12-24T18:00:00Z", "lastAt": "2027-01-06T18:00:00Z"
        })),
        (status = 304, description = "As before"),
        (status = 400, description = "`invalid-parameter`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn concert(
    State(app): State<Arc<App>>,
    PathText(concert): PathText<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let concert = app.catalog.concert(id("concertId", &concert)?).await?;
    let response = conditional::json(&headers, conditional::PUBLIC_SECOND, &ConcertBody::from(concert))?;
    Ok(app.read(Resource::Concerts, response))
}
