use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    App,
    problem::{Problem, ProblemType},
    token_header,
};

/// What operators show. Kept as a hash, so that a comparison takes as long for any guess of any length.
pub(crate) struct OperatorKey([u8; 32]);

impl OperatorKey {
    pub(crate) fn new(key: &SecretString) -> Self {
        Self(hash(key.expose_secret()))
    }

    fn is(&self, shown: &str) -> bool {
        self.0.ct_eq(&hash(shown)).into()
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Lets operators through.
pub(crate) async fn require(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let shown = token_header::bearer(&headers).unwrap_or_default();
    let is_operator = app.operator_key.as_ref().is_some_and(|key| key.is(shown));
    if is_operator {
        Ok(next.run(request).await)
    } else {
        Err(Problem::new(ProblemType::OperatorKeyRequired).with_challenge("Bearer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_fits() {
        let key = OperatorKey::new(&"0123456789abcdef".into());
        assert!(key.is("0123456789abcdef"));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF"] {
            assert!(!key.is(wrong), "{wrong}");
        }
    }
}
