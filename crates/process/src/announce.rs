use std::{collections::BTreeMap, io, net::SocketAddr, path::Path};

/// The addresses that a program has bound, by name: `ops`, and `grpc` or `http`.
pub type Addresses = BTreeMap<String, SocketAddr>;

/// The address file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("write the address file {path}: {reason}")]
pub struct AnnounceError {
    path: String,
    reason: io::Error,
}

/// Writes the addresses as one JSON object. Whoever reads the file sees all of it or none.
pub(crate) async fn write(path: &Path, addresses: &Addresses) -> Result<(), AnnounceError> {
    let announce_error = |reason| AnnounceError { path: path.display().to_string(), reason };
    let text = serde_json::to_string(addresses).map_err(|error| announce_error(error.into()))?;
    let draft = path.with_added_extension("draft");
    tokio::fs::write(&draft, text).await.map_err(announce_error)?;
    tokio::fs::rename(&draft, path).await.map_err(announce_error)
}
