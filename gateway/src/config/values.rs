//! How single settings are read. The texts of errors end up behind `wrong value for ONSALE_…:`.

use std::str::FromStr;

use axum::http::{HeaderValue, Uri};
use secrecy::SecretString;

/// Shorter keys can be guessed.
const OPERATOR_KEY_CHARS: usize = 16;

/// `http://host:port` or `https://host:port`.
pub(super) fn upstream(text: &str) -> Result<Uri, String> {
    let uri =
        Uri::from_str(text.trim()).map_err(|_| "not an address such as http://127.0.0.1:50051".to_owned())?;
    let plain = matches!(uri.scheme_str(), Some("http" | "https")) && matches!(uri.path(), "" | "/");
    if plain && uri.host().is_some() && uri.query().is_none() {
        Ok(uri)
    } else {
        Err("not an address such as http://127.0.0.1:50051".to_owned())
    }
}

/// The secret that operators show.
pub(super) fn operator_key(text: &str) -> Result<SecretString, String> {
    if text.chars().count() < OPERATOR_KEY_CHARS {
        return Err(format!("fewer than {OPERATOR_KEY_CHARS} characters"));
    }
    // It travels in a header.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        Err("only visible ASCII characters may be in it".to_owned())
    }
}

/// An origin that browsers may call from, or `*` for any.
pub(super) fn origin(text: &str) -> Result<HeaderValue, String> {
    let text = text.trim();
    let is_origin = text == "*"
        || Uri::from_str(text).is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && !text.ends_with('/') && uri.path() == "/"
        });
    let value = HeaderValue::from_str(text).ok().filter(|_| is_origin);
    value.ok_or_else(|| "not an origin such as https://tickets.example, nor *".to_owned())
}
