use std::{collections::HashSet, sync::LazyLock};

use axum::extract::{MatchedPath, Request};

use crate::{
    http::openapi,
    metrics::{Method, Route},
};

/// What stands where no route matched: paths have ids in them, and anybody can invent more.
const UNMATCHED: &str = "unmatched";

/// Every route, kept for good: there are as many as handlers, in however many gateways.
static ROUTES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| openapi::paths().into_iter().map(|path| &*path.leak()).collect());

/// What a request asks for, as far as it may be told to metrics, traces and logs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) route: Route,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>();
        let route = matched.and_then(|path| ROUTES.get(path.as_str()).copied()).unwrap_or(UNMATCHED);
        Self { method: Method::of(request.method().as_str()), route: Route(route) }
    }

    /// A call by the route's own name.
    pub(super) const fn call(method: Method, route: &'static str) -> Self {
        Self { method, route: Route(route) }
    }

    /// The route, where one matched.
    pub(super) fn matched(self) -> Option<&'static str> {
        (self.route.0 != UNMATCHED).then_some(self.route.0)
    }
}
