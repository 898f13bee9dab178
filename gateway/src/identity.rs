//! Who is asking: joining gives whoever names a user that user's place, so the name must be true.

mod jwks;
mod key_set;
mod source;

use std::sync::Arc;

use onsale_token::UserId;

use crate::config::{IdentityConfig, IdentityMode, JwksSource};

pub use source::SourceError;

use jwks::Jwks;

/// How users are identified. Clones share the issuer's keys.
#[derive(Clone)]
pub(crate) enum Identity {
    /// As the caller says.
    Trusted,
    /// As the user's access token says.
    Jwks(Arc<Jwks>),
}

/// Why nobody is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdentityError {
    /// The caller names no user, and nothing else does.
    #[error("no user is named")]
    UserMissing,
    /// No access token.
    #[error("no access token")]
    TokenMissing,
    /// An access token that is not accepted.
    #[error("no valid access token")]
    TokenInvalid,
    /// The caller names another user than the access token does.
    #[error("the access token is another user's")]
    UserMismatch,
    /// The issuer's keys are not known.
    #[error("the issuer's keys are not known")]
    Unavailable,
}

impl Identity {
    /// Reads the issuer's keys for the first time where they are needed. An issuer that is away is not an error: it
    /// is asked again by [`Identity::keep_fresh`].
    pub(crate) async fn start(config: &IdentityConfig) -> Result<Self, SourceError> {
        let (mode, source) = (config.mode, config.jwks.clone());
        match (mode, source) {
            (IdentityMode::Trusted, _) => Ok(Self::Trusted),
            (IdentityMode::Jwks, Some(source)) => Self::jwks(config, source).await,
            (IdentityMode::Jwks, None) => Err(SourceError::Unnamed),
        }
    }

    async fn jwks(config: &IdentityConfig, source: JwksSource) -> Result<Self, SourceError> {
        let must_be_there = matches!(source, JwksSource::File(_));
        let jwks = Arc::new(Jwks::new(config, source)?);
        match jwks.refresh().await {
            Err(error) if must_be_there => Err(error),
            _ => Ok(Self::Jwks(jwks)),
        }
    }

    /// The user who joins: `named` is who the caller says, `access_token` what the caller shows.
    pub(crate) async fn identify(
        &self,
        named: Option<UserId>,
        access_token: Option<&str>,
    ) -> Result<UserId, IdentityError> {
        match self {
            Self::Trusted => named.ok_or(IdentityError::UserMissing),
            Self::Jwks(jwks) => {
                let user = jwks.user(access_token.ok_or(IdentityError::TokenMissing)?).await?;
                let is_same = named.is_none_or(|named| named == user);
                if is_same { Ok(user) } else { Err(IdentityError::UserMismatch) }
            }
        }
    }

    /// Whether `Authorization` carries an access token on a join, and no queue token.
    pub(crate) const fn takes_access_tokens(&self) -> bool {
        matches!(self, Self::Jwks(_))
    }

    /// Where there are keys to keep up to date, what does.
    pub(crate) fn keys(&self) -> Option<Arc<Jwks>> {
        match self {
            Self::Trusted => None,
            Self::Jwks(jwks) => Some(Arc::clone(jwks)),
        }
    }
}
