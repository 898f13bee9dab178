use axum::{
    extract::FromRequestParts,
    http::{HeaderName, request::Parts},
};

use super::problem::Problem;
use crate::selling::IdempotencyKey;

/// What names a request, so that sending it again is not doing it again.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The idempotency key that a request may have.
pub(crate) struct MayHaveKey(pub(crate) Option<IdempotencyKey>);

impl<S: Send + Sync> FromRequestParts<S> for MayHaveKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        if values.next().is_some() {
            return Err(Problem::parameter("Idempotency-Key", "given more than once"));
        }
        let text = value.to_str().unwrap_or_default();
        IdempotencyKey::parse(text)
            .map(|key| Self(Some(key)))
            .map_err(|error| Problem::parameter("Idempotency-Key", error.to_string()))
    }
}
