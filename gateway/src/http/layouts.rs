use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, conditional,
    parameters::{PathText, id},
    problem::{Problem, ProblemBody},
};
use crate::{
    failure::{Failure, Service},
    metrics::Resource,
    seats::{Encoded, Layout, LayoutSeat},
};

/// A hall as it is numbered: what does not change from schedule to schedule, nor ever.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Layout)]
pub(crate) struct LayoutBody<'a> {
    #[schema(example = 5)]
    layout_id: u64,
    #[schema(example = "Great Hall")]
    name: &'a str,
    #[schema(example = 1000)]
    total_seats: usize,
    /// Rows of neighbouring numbers; together all seats, by number.
    rows: Vec<RowBody<'a>>,
}

/// Seats of one section and row whose numbers follow each other.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LayoutRow)]
pub(crate) struct RowBody<'a> {
    #[schema(example = "Stalls left")]
    section: &'a str,
    #[schema(example = "C")]
    row: &'a str,
    seats: Vec<PlaceBody<'a>>,
}

/// One numbered place.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LayoutSeat)]
pub(crate) struct PlaceBody<'a> {
    /// Its `seatId` in every schedule in this hall.
    #[schema(example = 118)]
    seat_id: usize,
    /// Two seats of a row are neighbours when their positions differ by one: an aisle skips one.
    #[schema(example = 18)]
    position: u32,
    /// What is printed on the ticket.
    #[schema(example = "C 18")]
    label: &'a str,
    #[schema(example = "A")]
    tier: &'a str,
    #[schema(example = false)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    accessible: bool,
}

impl<'a> From<&'a Layout> for LayoutBody<'a> {
    fn from(layout: &'a Layout) -> Self {
        let numbered: Vec<_> = (1..).zip(&layout.seats).collect();
        let of_one_row = |a: &(usize, &LayoutSeat), b: &(usize, &LayoutSeat)| {
            (&a.1.section, &a.1.row) == (&b.1.section, &b.1.row)
        };
        let rows = numbered.chunk_by(of_one_row).filter_map(|seats| {
            let (_, first) = seats.first()?;
            let seats = seats.iter().map(|(number, seat)| place(*number, seat)).collect();
            Some(RowBody { section: &first.section, row: &first.row, seats })
        });
        Self {
            layout_id: layout.id,
            name: &layout.name,
            total_seats: layout.seats.len(),
            rows: rows.collect(),
        }
    }
}

fn place(seat_id: usize, seat: &LayoutSeat) -> PlaceBody<'_> {
    PlaceBody {
        seat_id,
        position: seat.position,
        label: &seat.label,
        tier: &seat.tier,
        accessible: seat.accessible,
    }
}

/// The chart of a hall
///
/// Public, and never changes: keep it for good. Another arrangement of the same hall is another layout.
#[utoipa::path(
    get,
    path = "/api/layouts/{layoutId}",
    tag = "catalog",
    operation_id = "getLayout",
    params(("layoutId" = u64, Path, minimum = 1)),
    responses(
        (status = 200, description = "The chart; gzip where `Accept-Encoding` takes it", body = LayoutBody, example = json!({
            "layoutId": 5, "name": "Great Hall", "totalSeats": 1000,
            "rows": [{"section": "Stalls left", "row": "C", "seats": [
                {"seatId": 118, "position": 18, "label": "C 18", "tier": "A"},
                {"seatId": 119, "position": 19, "label": "C 19", "tier": "A", "accessible": true}]}]
        })),
        (status = 304, description = "As before"),
        (status = 400, description = "`invalid-parameter`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    PathText(layout): PathText<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id("layoutId", &layout)?;
    let layout = app.seats.layouts.get(id).await?;
    let tag = conditional::weak_tag(&["layout", &id.to_string()]);
    if conditional::is_known(&headers, &tag) {
        let response = conditional::encoded_not_modified(conditional::IMMUTABLE, &tag);
        return Ok(app.read(Resource::Layout, response));
    }
    let chart = layout.chart.get_or_try_init(|| encode(Arc::clone(&layout))).await?;
    let response = conditional::encoded(&headers, conditional::IMMUTABLE, &tag, ("", chart)).await;
    Ok(app.read(Resource::Layout, response))
}

async fn encode(layout: Arc<Layout>) -> Result<Encoded, Failure> {
    let broken = |reason: String| Failure::Broken { service: Service::Catalog, reason };
    let encode = move || serde_json::to_vec(&LayoutBody::from(&*layout));
    let bytes = tokio::task::spawn_blocking(encode).await.map_err(|error| broken(error.to_string()))?;
    bytes.map(Encoded::new).map_err(|error| broken(error.to_string()))
}
