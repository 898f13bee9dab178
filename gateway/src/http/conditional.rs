//! Answers that need not be sent again: `ETag` and `If-None-Match`.

use std::hash::Hasher as _;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use siphasher::sip128::{Hasher128 as _, SipHasher13};

use super::problem::{Problem, ProblemType};

/// Whoever has it asks again, by its tag.
pub(crate) const PRIVATE: &str = "private, no-cache";
/// Anybody may keep it for a second, and asks again by its tag then.
pub(crate) const PUBLIC_SECOND: &str = "public, max-age=1";

/// The body as JSON, or 304 if the caller has the same already.
pub(crate) fn json<T: Serialize>(
    headers: &HeaderMap,
    caching: &'static str,
    body: &T,
) -> Result<Response, Problem> {
    let body = encode(body)?;
    let tag = hash_tag(&body);
    if is_known(headers, &tag) {
        return Ok(not_modified(caching, &tag));
    }
    Ok(with_tag(caching, &tag, body))
}

/// The body as JSON under a tag that is known without it.
pub(crate) fn tagged_json<T: Serialize>(
    caching: &'static str,
    tag: &str,
    body: &T,
) -> Result<Response, Problem> {
    Ok(with_tag(caching, tag, encode(body)?))
}

/// What the caller has is still true.
pub(crate) fn not_modified(caching: &'static str, tag: &str) -> Response {
    (StatusCode::NOT_MODIFIED, tags(caching, tag)).into_response()
}

/// The tags that the caller has, as they were given out.
pub(crate) fn known_tags(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    // No tag given out here has a comma in it.
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    // RFC 9110 §13.1.2: the comparison is weak.
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    known_tags(headers).any(|known| known == "*" || opaque(known) == opaque(tag))
}

fn encode<T: Serialize>(body: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        Problem::new(ProblemType::Internal)
    })
}

fn hash_tag(body: &[u8]) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(body);
    let hash = hasher.finish128();
    format!("\"{:016x}{:016x}\"", hash.h1, hash.h2)
}

fn with_tag(caching: &'static str, tag: &str, body: Vec<u8>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    response.headers_mut().extend(tags(caching, tag));
    response
}

fn tags(caching: &'static str, tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    if caching == PRIVATE {
        headers.insert(header::VARY, HeaderValue::from_static("authorization, token"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(list: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(list).unwrap())])
    }

    #[test]
    fn the_same_body_is_not_sent_twice() {
        let first = json(&HeaderMap::new(), PRIVATE, &[1, 2]).unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        for list in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = json(&asks(&list), PRIVATE, &[1, 2]).unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{list}");
            assert_eq!(again.headers()[header::ETAG], tag.as_str());
        }
        assert_eq!(json(&asks(&tag), PRIVATE, &[1, 3]).unwrap().status(), StatusCode::OK);
    }
}
