//! REST: requests to use cases, outcomes to answers. Nothing here knows gRPC, and nothing below knows HTTP.
//!
//! One resource is one file; `layers` is everything that all of them have around them, and `problem` is how all of
//! them say no.

mod admin_rooms;
mod body;
mod buyer;
mod concerts;
mod conditional;
mod holds;
mod idempotency_key;
mod layers;
mod layouts;
mod not_found;
mod openapi;
mod operator;
mod own_refusals;
mod parameters;
mod pieces;
mod problem;
mod queue_status;
mod queue_token;
mod rooms;
mod sales;
mod schedules;
mod seats;
mod serve;
mod timestamp;
mod token_header;
mod whole_request;

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use layers::{Bounds, behind, in_time, open_span};

use crate::{
    config::LimitsConfig,
    identity::Identity,
    metrics::{Metrics, ReadAnswer, Resource},
    rooms::Rooms,
    seats::{ScheduleLists, SeatViews},
    selling::Selling,
    upstream::{AdminClient, CatalogClient},
};

pub(crate) use layers::{ClientLimit, Doorman, Stack};
pub(crate) use operator::OperatorKey;
pub(crate) use problem::{ProblemKind, ProblemType};
pub(crate) use serve::serve;

/// What the handlers use.
pub(crate) struct App {
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) catalog: CatalogClient,
    pub(crate) schedules: ScheduleLists,
    pub(crate) seats: Arc<SeatViews>,
    pub(crate) selling: Selling,
    pub(crate) admin: AdminClient,
    pub(crate) identity: Identity,
    /// Without one there is no admin API.
    pub(crate) operator_key: Option<OperatorKey>,
    pub(crate) metrics: Metrics,
}

impl App {
    /// Counts the answer to somebody who may have had it already.
    pub(crate) fn read(&self, resource: Resource, response: Response) -> Response {
        let is_known = response.status() == StatusCode::NOT_MODIFIED;
        let answer = if is_known { ReadAnswer::NotModified } else { ReadAnswer::Full };
        self.metrics.read(resource, answer);
        response
    }
}

/// Every route, with what is around it.
pub(crate) fn router(app: Arc<App>, limits: &LimitsConfig, stack: &Stack) -> Router {
    let (known, _) = known_routes().split_for_parts();
    let (joining, _) = joining_routes().split_for_parts();
    let (leaving, _) = leaving_routes().split_for_parts();
    let (selling, _) = selling_routes().split_for_parts();
    let (admin, _) = admin_routes().split_for_parts();
    let admin = if app.operator_key.is_some() {
        opened(admin.route_layer(from_fn_with_state(Arc::clone(&app), operator::require)))
    } else {
        Router::new()
    };
    let others =
        opened(known).merge(admin).merge(opened(openapi::routes())).fallback(not_found::no_such_route);
    let joining = stack.around_let_in(opened(joining)).route_layer(behind(stack.joins()));
    let most = limits.max_in_flight;
    let leaving =
        stack.around_let_in(opened(leaving)).route_layer(in_time(limits.join_target, Bounds::of_joins(most)));
    let selling =
        stack.around_let_in(opened(selling)).route_layer(in_time(limits.sale_target, Bounds::of_sales(most)));
    let routes = stack.around_let_in(others).merge(joining).merge(leaving).merge(selling);
    stack.around_all(routes.method_not_allowed_fallback(not_found::method_not_allowed)).with_state(app)
}

/// With a span for each request: behind the limits, and before all else that is done for it.
fn opened(routes: Router<Arc<App>>) -> Router<Arc<App>> {
    routes.route_layer(from_fn(open_span))
}

/// Everything that visitors ask.
fn public_routes() -> OpenApiRouter<Arc<App>> {
    known_routes().merge(joining_routes()).merge(leaving_routes()).merge(selling_routes())
}

/// What is answered from what the gateway knows.
fn known_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(queue_status::status))
        .routes(routes!(rooms::room))
        .routes(routes!(concerts::list))
        .routes(routes!(concerts::concert))
        .routes(routes!(schedules::list))
        .routes(routes!(seats::list))
        .routes(routes!(layouts::get))
}

/// What the queue is asked for, for each who asks. Half a million come to join, and have a door of their own.
fn joining_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(queue_token::join))
}

fn leaving_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(queue_token::leave))
}

/// What the catalog is asked for, for each who asks.
fn selling_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(holds::hold))
        .routes(routes!(holds::list))
        .routes(routes!(holds::get, holds::release))
        .routes(routes!(holds::extend))
        .routes(routes!(holds::check_out))
        .routes(routes!(holds::confirm))
        .routes(routes!(sales::get, sales::cancel))
}

fn admin_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(admin_rooms::list))
        .routes(routes!(admin_rooms::get, admin_rooms::put))
        .routes(routes!(admin_rooms::pause))
        .routes(routes!(admin_rooms::resume))
        .routes(routes!(admin_rooms::drain))
        .routes(routes!(admin_rooms::reset))
        .routes(routes!(admin_rooms::set_concert_room, admin_rooms::clear_concert_room))
}

/// The OpenAPI document that `/openapi.json` serves, as JSON.
///
/// # Errors
/// The document cannot be written, which no document here brings about.
pub fn openapi() -> serde_json::Result<String> {
    openapi::document().to_pretty_json()
}
