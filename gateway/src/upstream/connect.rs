use std::{io, path::Path, time::Duration};

use axum::http::Uri;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use crate::{
    failure::Service,
    metrics::Metrics,
    upstream::copies::{Copies, ServiceCopy},
};

/// On one network a connection that takes longer will not come.
const CONNECT: Duration = Duration::from_millis(500);
/// A copy that is frozen does not close its connections: asked this often, it has this long to show a sign of life.
const KEEP_ALIVE: Duration = Duration::from_secs(2);
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(1);

/// A copy could not be prepared to be called.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The file with certificate authorities cannot be read.
    #[error("read {path}, which ONSALE_UPSTREAM_CA names: {reason}")]
    Roots {
        /// The file.
        path: String,
        /// What the system says.
        reason: io::Error,
    },
    /// TLS cannot be set up for the copy.
    #[error("set up TLS for {url}: {reason}")]
    Tls {
        /// The copy.
        url: String,
        /// What the library says.
        reason: tonic::transport::Error,
    },
}

/// The certificate authorities that https copies are checked against.
pub(crate) struct TrustedRoots(Option<Certificate>);

impl TrustedRoots {
    /// Those of the file.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, ConnectError> {
        let Some(path) = file else { return Ok(Self(None)) };
        let pem = std::fs::read(path)
            .map_err(|reason| ConnectError::Roots { path: path.display().to_string(), reason })?;
        Ok(Self(Some(Certificate::from_pem(pem))))
    }

    fn tls(&self) -> ClientTlsConfig {
        let roots = self.0.iter().cloned();
        ClientTlsConfig::new().ca_certificates(roots)
    }
}

/// The copies of a service, none of them connected yet: each connects with its first call.
pub(crate) fn connect(
    service: Service,
    urls: &[Uri],
    roots: &TrustedRoots,
    metrics: &Metrics,
) -> Result<Copies, ConnectError> {
    let copies: Result<Vec<_>, _> = urls.iter().map(|url| copy(url, roots)).collect();
    Ok(Copies::new(service, copies?, metrics.clone()))
}

fn copy(url: &Uri, roots: &TrustedRoots) -> Result<ServiceCopy, ConnectError> {
    let mut endpoint = Endpoint::from(url.clone())
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_ANSWER)
        .keep_alive_while_idle(true);
    if url.scheme_str() == Some("https") {
        endpoint = endpoint
            .tls_config(roots.tls())
            .map_err(|reason| ConnectError::Tls { url: url.to_string(), reason })?;
    }
    Ok(ServiceCopy::new(url.to_string(), endpoint.connect_lazy()))
}
