use std::{io, path::PathBuf, time::Duration};

use reqwest::{Client, Url};

use crate::config::JwksSource;

/// An issuer that takes longer is away.
const FETCH: Duration = Duration::from_secs(3);
/// Far more than any issuer's keys need.
const MOST_BYTES: usize = 256 << 10;

/// Why keys cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is not said where they are.
    #[error("ONSALE_JWKS is not set")]
    Unnamed,
    /// The file cannot be read.
    #[error("read {path}, which ONSALE_JWKS names: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        reason: io::Error,
    },
    /// The address does not answer, or answers with something else.
    #[error("fetch {url}, which ONSALE_JWKS names: {reason}")]
    Fetch {
        /// The address.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// What is there is no JSON Web Key Set with a key that can be used.
    #[error("the keys that ONSALE_JWKS names are unusable: {reason}")]
    Keys {
        /// What is wrong with them.
        reason: String,
    },
}

/// Where keys are read from.
pub(super) enum Source {
    File(PathBuf),
    Address(Client, Url),
}

impl Source {
    pub(super) fn new(source: JwksSource) -> Result<Self, SourceError> {
        match source {
            JwksSource::File(path) => Ok(Self::File(path)),
            JwksSource::Address(url) => {
                let client = Client::builder()
                    .timeout(FETCH)
                    .connect_timeout(FETCH)
                    .redirect(reqwest::redirect::Policy::limited(2))
                    .build()
                    .map_err(|error| fetch_error(&url, &error.to_string()))?;
                Ok(Self::Address(client, url))
            }
        }
    }

    pub(super) async fn read(&self) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::File(path) => tokio::fs::read(path)
                .await
                .map_err(|reason| SourceError::File { path: path.display().to_string(), reason }),
            Self::Address(client, url) => fetch(client, url).await,
        }
    }
}

async fn fetch(client: &Client, url: &Url) -> Result<Vec<u8>, SourceError> {
    let failed = |error: reqwest::Error| fetch_error(url, &error.without_url().to_string());
    let mut response =
        client.get(url.clone()).send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(fetch_error(url, "more bytes than keys have"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn fetch_error(url: &Url, reason: &str) -> SourceError {
    SourceError::Fetch { url: url.to_string(), reason: reason.to_owned() }
}
