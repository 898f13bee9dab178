use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose};
use rand::Rng as _;

use super::Folder;
use crate::StackError;

/// What only this stack's programs and its operator know. Made once, and kept in files that only their owner reads.
#[derive(Debug)]
pub(crate) struct Secrets {
    /// Opens the admin API.
    pub(crate) operator_key: String,
    /// Signs queue tokens, as `kid:base64`.
    pub(crate) token_keys: String,
    /// What Redis' and Postgres' clients have to know.
    pub(crate) store_password: String,
}

impl Secrets {
    pub(crate) fn load_or_make(folder: &Folder) -> Result<Self, StackError> {
        Ok(Self {
            operator_key: kept(&folder.key("operator"), || {
                general_purpose::URL_SAFE_NO_PAD.encode(random())
            })?,
            token_keys: kept(&folder.key("token"), || {
                format!("first:{}", general_purpose::STANDARD.encode(random()))
            })?,
            store_password: kept(&folder.key("store"), || general_purpose::URL_SAFE_NO_PAD.encode(random()))?,
        })
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn kept(path: &Path, make: impl FnOnce() -> String) -> Result<String, StackError> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(StackError::file(path)(error));
        }
        Ok(_) | Err(_) => {}
    }
    let secret = make();
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| writeln!(file, "{secret}"));
    written.map_err(StackError::file(path))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_are_private() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let first = Secrets::load_or_make(&folder).unwrap();
        let second = Secrets::load_or_make(&folder).unwrap();
        assert_eq!(first.operator_key, second.operator_key);
        assert_eq!(first.token_keys, second.token_keys);
        assert_ne!(first.operator_key, first.store_password);
        for name in ["operator", "token", "store"] {
            assert_eq!(fs::metadata(folder.key(name)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
