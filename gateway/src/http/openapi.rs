use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_swagger_ui::Config;

use super::{
    App,
    problem::{Problem, ProblemType},
};

/// What is the same for every route.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Onsale",
        description = "Waiting room, concerts, schedules, seats, holds and sales of an on-sale. Times are RFC 3339 in UTC; errors are \
            `application/problem+json`, and their `type` does not change.",
    ),
    tags(
        (name = "queue", description = "Join a line, ask where you stand, leave."),
        (name = "catalog", description = "What is on, when, and which seats are free."),
        (name = "selling", description = "Hold seats, pay for them, give them back."),
        (name = "admin", description = "Running rooms. There only where an operator key is configured."),
    ),
    modifiers(&SecuritySchemes),
)]
struct Frame;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = || SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("queueToken", bearer());
        components.add_security_scheme("accessToken", bearer());
        components.add_security_scheme("operatorKey", bearer());
        let older = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Token")));
        components.add_security_scheme("olderToken", older);
    }
}

/// The document without routes.
pub(crate) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The whole document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = super::public_routes().into_openapi();
    document.merge(super::admin_routes().into_openapi());
    document
}

#[derive(Clone)]
struct Documents {
    openapi: Arc<utoipa::openapi::OpenApi>,
    page: Arc<Config<'static>>,
}

/// Every path of the document, the page's and its own.
pub(crate) fn paths() -> Vec<String> {
    let own = ["/openapi.json", "/docs", "/docs/", "/docs/{*file}"].map(str::to_owned);
    document().paths.paths.into_keys().chain(own).collect()
}

/// The document, and a page to read it on that needs nothing from elsewhere.
pub(crate) fn routes() -> Router<Arc<App>> {
    let page = Config::from("/openapi.json").validator_url("none").try_it_out_enabled(true);
    let documents = Documents { openapi: Arc::new(document()), page: Arc::new(page) };
    Router::new()
        .route("/openapi.json", get(openapi))
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(|State(documents): State<Documents>| async move { asset(&documents, "") }))
        .route(
            "/docs/{*file}",
            get(|State(documents): State<Documents>, Path(file): Path<String>| async move {
                asset(&documents, &file)
            }),
        )
        .with_state(documents)
}

async fn openapi(State(documents): State<Documents>) -> Json<Arc<utoipa::openapi::OpenApi>> {
    Json(documents.openapi)
}

fn asset(documents: &Documents, file: &str) -> Result<Response, Problem> {
    match utoipa_swagger_ui::serve(file, Arc::clone(&documents.page)) {
        Ok(Some(file)) => {
            Ok((StatusCode::OK, [(header::CONTENT_TYPE, file.content_type)], file.bytes.into_owned())
                .into_response())
        }
        Ok(None) => Err(Problem::new(ProblemType::NoSuchRoute)),
        Err(error) => Err(Problem::new(ProblemType::Internal)
            .with_reason(format!("the documentation page is broken: {error}"))),
    }
}
