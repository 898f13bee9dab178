use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use super::{App, problem::Problem};
use crate::{
    clock,
    rooms::{Presented, Shown},
};

/// Where the original service's clients put the token.
pub(crate) const TOKEN: HeaderName = HeaderName::from_static("token");

/// The queue token that a request may show.
pub(crate) struct MayShow(pub(crate) Presented);

/// The queue token that a request has to show.
pub(crate) struct Shows(pub(crate) Shown);

impl FromRequestParts<Arc<App>> for MayShow {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let text = bearer(&parts.headers).or_else(|| older(&parts.headers));
        Ok(Self(app.rooms.check(text, clock::now_s())))
    }
}

impl FromRequestParts<Arc<App>> for Shows {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let MayShow(presented) = MayShow::from_request_parts(parts, app).await?;
        match presented {
            Presented::Nothing => Err(Problem::token_missing()),
            Presented::Invalid => Err(Problem::token_invalid()),
            Presented::Token(shown) => Ok(Self(shown)),
        }
    }
}

/// What `Authorization: Bearer` carries. Something unreadable is something, and not nothing.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, credentials) = value.split_once(' ').unwrap_or((value, ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") { credentials.trim_start() } else { "" })
}

/// What `Token` carries.
pub(crate) fn older(headers: &HeaderMap) -> Option<&str> {
    headers.get(TOKEN).map(|value| value.to_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn bearer_of(value: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer_of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(bearer_of("bearer  abc").as_deref(), Some("abc"));
        assert_eq!(bearer_of("Basic abc").as_deref(), Some(""));
        assert_eq!(bearer_of("Bearer").as_deref(), Some(""));
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
