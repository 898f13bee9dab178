//! Answers that need not be sent again: `ETag` and `If-None-Match`.

use std::hash::Hasher as _;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use siphasher::sip128::{Hasher128 as _, SipHasher13};

use super::{
    pieces::Pieces,
    problem::{Problem, ProblemType},
};
use crate::seats::Encoded;

/// Anybody may keep it for good.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";
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

/// A body that was encoded once, behind a head of this answer's own, in an encoding that the caller takes.
pub(crate) async fn encoded(
    headers: &HeaderMap,
    caching: &'static str,
    tag: &str,
    (head, body): (&str, &Encoded),
) -> Response {
    let mut response = if accepts_gzip(headers) {
        let pieces = body.gzip(head.as_bytes()).await;
        let mut response = Response::new(Pieces::new(pieces).into_body());
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let head = Bytes::copy_from_slice(head.as_bytes());
        Response::new(Pieces::new([head, body.rest().clone()]).into_body())
    };
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    own.extend(encoded_tags(caching, tag));
    response
}

/// What the caller has is still true, in whatever encoding.
pub(crate) fn encoded_not_modified(caching: &'static str, tag: &str) -> Response {
    (StatusCode::NOT_MODIFIED, encoded_tags(caching, tag)).into_response()
}

/// A weak tag: answers of equal parts say the same, though not in the same bytes.
pub(crate) fn weak_tag(parts: &[&str]) -> String {
    let mut hasher = SipHasher13::new();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part.as_bytes());
    }
    let hash = hasher.finish128();
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(hash.as_u128().to_be_bytes()))
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

/// Whether the caller has an answer of that tag already.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    // RFC 9110 §13.1.2: the comparison is weak.
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    known_tags(headers).any(|known| known == "*" || opaque(known) == opaque(tag))
}

pub(crate) fn encode<T: Serialize>(body: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(body).map_err(|error| {
        Problem::new(ProblemType::Internal).with_reason(format!("an answer cannot be written: {error}"))
    })
}

pub(crate) fn hash_tag(body: &[u8]) -> String {
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

/// In one form for each caller, who may have a token, and for each encoding.
fn encoded_tags(caching: &'static str, tag: &str) -> HeaderMap {
    let mut headers = tags(caching, tag);
    let vary = if caching == PRIVATE { "accept-encoding, authorization, token" } else { "accept-encoding" };
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    headers
}

/// RFC 9110 §12.5.3: `gzip`, or `*` where gzip is not named, with a weight above 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let codings: Vec<(String, bool)> = lists.flat_map(|list| list.split(',')).map(coding).collect();
    let weight = |name: &str| codings.iter().find(|(coding, _)| coding == name).map(|(_, taken)| *taken);
    weight("gzip").or_else(|| weight("*")).unwrap_or(false)
}

/// The name of a coding, and whether it is taken.
fn coding(text: &str) -> (String, bool) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let refused = weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
    (name, !refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(list: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(list).unwrap())])
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let takes = |list: &str| {
            let value = HeaderValue::from_str(list).unwrap();
            accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]))
        };
        assert!(!accepts_gzip(&HeaderMap::new()));
        for list in ["gzip", "br, GZIP", "deflate, gzip;q=0.1", "*", "identity;q=0, *;q=0.5", "gzip; q=1"] {
            assert!(takes(list), "{list}");
        }
        for list in ["", "br", "gzip;q=0", "gzip; q=0.0, *", "*;q=0", "gzipped"] {
            assert!(!takes(list), "{list}");
        }
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
