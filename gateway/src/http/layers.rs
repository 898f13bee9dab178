//! Everything that routes have around them, in two lists: what every request goes through, and what one is let into.
//!
//! Between the two stands the door of the calls that wait for a service ([`in_time`]). Who is refused there has passed the first
//! list only: when most are refused, what a refusal costs is taken from those who are answered. Before both lists stands the
//! [`Doorman`], who says what the door of joins says without a request being made of what came.

mod access_log;
mod asked;
mod doorman;
mod in_time;
mod observe;
mod overload;
mod panic;
mod rate_limit;
mod server_span;
mod unanswered;

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    error_handling::HandleErrorLayer,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::from_fn_with_state,
    response::Response,
};
use tokio::sync::Semaphore;
use tower::{ServiceBuilder, limit::GlobalConcurrencyLimitLayer, util::option_layer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};

use super::{idempotency_key, token_header};
use crate::{config::LimitsConfig, metrics::Metrics};

pub(crate) use doorman::Doorman;
pub(crate) use in_time::{Bounds, Door, behind, in_time};
pub(crate) use rate_limit::ClientLimit;
pub(crate) use server_span::open as open_span;

/// How long a browser may keep what a preflight told it.
const PREFLIGHT: Duration = Duration::from_mins(10);

/// By which a request is a part of its caller's trace (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// An answer that is under way.
type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// What the layers need.
pub(crate) struct Stack {
    metrics: Metrics,
    request_timeout: Duration,
    in_flight: Arc<Semaphore>,
    max_body_bytes: usize,
    cors: Option<CorsLayer>,
    client_limit: Option<Arc<ClientLimit>>,
    joins: Door,
}

impl Stack {
    pub(crate) fn new(limits: &LimitsConfig, metrics: Metrics) -> Self {
        Self {
            metrics,
            request_timeout: limits.request_timeout,
            in_flight: Arc::new(Semaphore::new(limits.max_in_flight as usize)),
            max_body_bytes: limits.max_body_bytes as usize,
            cors: cors(&limits.cors_origins),
            client_limit: ClientLimit::new(limits).map(Arc::new),
            joins: Door::new(limits.join_target, Bounds::of_joins(limits.max_in_flight)),
        }
    }

    /// What counts each client's requests, if they are limited.
    pub(crate) fn client_limit(&self) -> Option<Arc<ClientLimit>> {
        self.client_limit.clone()
    }

    /// The door of joins.
    pub(crate) fn joins(&self) -> Door {
        self.joins.clone()
    }

    /// Who stands before it; nobody where each client's requests are counted first, which takes a request.
    pub(crate) fn doorman(&self) -> Option<Doorman> {
        self.client_limit.is_none().then(|| Doorman::new(self.joins(), self.metrics.clone()))
    }

    /// Around all of them, and around what answers where there is no route. Outermost first.
    pub(crate) fn around_all<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        let client_limit = self.client_limit.clone();
        let layers = ServiceBuilder::new()
            // Everything below is part of the caller's trace, measured and logged: what is refused or breaks, too.
            .layer(observe::layer(self.metrics.clone()))
            // Browsers ask before they call: that costs a client nothing of its rate. They may read why they are refused.
            .layer(option_layer(self.cors.clone()))
            // A client over its rate costs a lookup and no more, and says nothing about how fast others are answered. Asking
            // again where there is no room counts, too.
            .layer(option_layer(client_limit.map(|limit| from_fn_with_state(limit, rate_limit::limit))));
        router.layer(layers)
    }

    /// Around those that are let in, and around what answers where there is no route. Outermost first.
    pub(crate) fn around_let_in<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        let in_flight = GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(&self.in_flight));
        let layers = ServiceBuilder::new()
            // Whatever breaks inside, the caller gets a problem and the connection lives.
            .layer(CatchPanicLayer::custom(panic::answer))
            // Turns what the next three say into problems.
            .layer(HandleErrorLayer::new(overload::answer))
            // Nothing hangs: the body is read and every call made within this.
            .timeout(self.request_timeout)
            // Refuses at once what the next layer has no room for, before any work is queued.
            .load_shed()
            // What the memory bears; one limit for all routes. Calls that wait for a service have lower ones of their own.
            .layer(in_flight)
            // Last, for what reads a body: nobody fills the memory.
            .layer(DefaultBodyLimit::max(self.max_body_bytes));
        router.layer(layers)
    }
}

/// Lets pages of these origins call; `None` when nobody is named.
fn cors(origins: &[HeaderValue]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().cloned())
    };
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            token_header::TOKEN,
            idempotency_key::IDEMPOTENCY_KEY,
            TRACEPARENT,
        ])
        .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER])
        .max_age(PREFLIGHT);
    Some(layer)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request, routing::get};
    use onsale_telemetry::{Telemetry, TelemetryConfig};
    use tower::ServiceExt as _;

    use super::*;

    async fn breaks() -> &'static str {
        panic!("a bug")
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_for_the_caller_and_is_counted_as_one() {
        let config = TelemetryConfig { log: "off".to_owned(), ..TelemetryConfig::default() };
        let telemetry = Telemetry::init(&config, "onsale-gateway").unwrap();
        let stack = Stack::new(&LimitsConfig::default(), Metrics::new(telemetry.instruments()));
        let router = stack.around_all(stack.around_let_in(Router::new().route("/docs", get(breaks))));

        let response = router.oneshot(Request::get("/docs").body(Body::empty()).unwrap()).await.unwrap();

        assert_eq!(response.status().as_u16(), 500);
        assert!(unanswered::Unanswered::is(&response), "it says nothing about a service");
        let metrics = telemetry.render_metrics().unwrap();
        for series in [
            r#"onsale_gateway_problems_total{kind="fault",problem="internal"} 1"#,
            r#"http_server_request_duration_seconds_count{error_type="internal",http_request_method="GET",http_response_status_code="500",http_route="/docs"} 1"#,
            "http_server_active_requests 0",
        ] {
            assert!(metrics.contains(&format!("{series}\n")), "{series}\n{metrics}");
        }
    }
}
