use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::{RoomId, UserId};

/// `typ` of the header: keeps other JWTs that a site signs from passing for a queue token (RFC 8725 §3.11).
const TYPE: &str = "onsale-queue+jwt";
/// Longer than any token made here; refused before a byte of it is decoded.
const MAX_TOKEN_BYTES: usize = 1024;
/// RFC 7518 §3.2: an HS256 key has at least the length of the hash.
const MIN_KEY_BYTES: usize = 32;
/// How far ahead of ours another machine's clock may be, in seconds.
const CLOCK_LEEWAY_S: u64 = 60;

/// What a queue token states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueToken {
    /// The room joined.
    pub room: RoomId,
    /// The room's epoch: a reset starts a new one.
    pub epoch: u64,
    /// The visitor's number, from 1; 0 where the room was not in force.
    pub number: u64,
    /// Who joined.
    pub user: UserId,
}

/// Keys that sign and check queue tokens. The first signs, any checks, chosen by
/// `kid`: to rotate, put the new key first and keep the old one for as long as
/// its tokens live.
pub struct Keyring {
    keys: Vec<Key>,
    max_age: Duration,
}

struct Key {
    kid: String,
    signs: EncodingKey,
    checks: DecodingKey,
}

/// A list of keys that cannot be used. Never shows a key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// No key at all.
    #[error("there is no key")]
    Empty,
    /// An entry is not `kid:base64`.
    #[error("key {0} is not written kid:base64")]
    Malformed(usize),
    /// A key has fewer than 32 bytes.
    #[error("key {0} has fewer than {MIN_KEY_BYTES} bytes")]
    TooShort(usize),
    /// Two keys have one `kid`.
    #[error("key {0} has the kid of an earlier one")]
    Repeated(usize),
}

/// Why a token is not accepted. For logs and metrics: a caller is told only that it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT of this kind at all, or a claim is missing or out of range.
    #[error("malformed token")]
    Malformed,
    /// Another kind of JWT.
    #[error("token of another type")]
    WrongType,
    /// `none`, or any algorithm but HS256.
    #[error("token with another algorithm")]
    WrongAlgorithm,
    /// Signed with a key that is not in the ring.
    #[error("token of an unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("token with a wrong signature")]
    WrongSignature,
    /// Older than tokens may be, or from the future.
    #[error("token is too old")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    sub: String,
    epoch: u64,
    n: u64,
    iat: u64,
}

impl Keyring {
    /// Reads `kid:base64,kid:base64…`; a token is accepted until `max_age` after it was made.
    ///
    /// # Errors
    /// [`KeyringError`], naming the entry by its place in the list, from 1.
    pub fn parse(list: &SecretString, max_age: Duration) -> Result<Self, KeyringError> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, entry) in list.expose_secret().split(',').enumerate() {
            let entry = entry.trim();
            if entry.is_empty() {
                continue;
            }
            let key = Key::parse(entry, index + 1)?;
            if keys.iter().any(|other| other.kid == key.kid) {
                return Err(KeyringError::Repeated(index + 1));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(KeyringError::Empty) } else { Ok(Self { keys, max_age }) }
    }

    /// Signs a token as of `now_s`, Unix time in seconds.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] if the claims cannot be written, which no value of [`QueueToken`] brings about.
    pub fn sign(&self, token: &QueueToken, now_s: u64) -> Result<String, TokenError> {
        let key = self.keys.first().ok_or(TokenError::UnknownKey)?;
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        let claims = Claims {
            aud: format!("room:{}", token.room),
            sub: token.user.as_str().to_owned(),
            epoch: token.epoch,
            n: token.number,
            iat: now_s,
        };
        encode(&header, &claims, &key.signs).map_err(|_| TokenError::Malformed)
    }

    /// Checks a token as of `now_s`, Unix time in seconds.
    ///
    /// # Errors
    /// [`TokenError`]: the first thing that is wrong with it.
    pub fn verify(&self, token: &str, now_s: u64) -> Result<QueueToken, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Malformed);
        }
        let key = self.key_for(token)?;
        let claims = decode::<Claims>(token, &key.checks, &signature_only()).map_err(classify)?.claims;
        let fresh = claims.iat <= now_s + CLOCK_LEEWAY_S && now_s < claims.iat + self.max_age.as_secs();
        if !fresh {
            return Err(TokenError::Expired);
        }
        claims.into_token()
    }

    fn key_for(&self, token: &str) -> Result<&Key, TokenError> {
        let header = decode_header(token).map_err(classify)?;
        if header.alg != Algorithm::HS256 {
            return Err(TokenError::WrongAlgorithm);
        }
        if header.typ.as_deref() != Some(TYPE) {
            return Err(TokenError::WrongType);
        }
        self.keys.iter().find(|key| Some(&key.kid) == header.kid.as_ref()).ok_or(TokenError::UnknownKey)
    }
}

impl Key {
    fn parse(entry: &str, place: usize) -> Result<Self, KeyringError> {
        let (kid, secret) = entry.split_once(':').ok_or(KeyringError::Malformed(place))?;
        let secret = STANDARD.decode(secret).map_err(|_| KeyringError::Malformed(place))?;
        if kid.is_empty() {
            return Err(KeyringError::Malformed(place));
        }
        if secret.len() < MIN_KEY_BYTES {
            return Err(KeyringError::TooShort(place));
        }
        Ok(Self {
            kid: kid.to_owned(),
            signs: EncodingKey::from_secret(&secret),
            checks: DecodingKey::from_secret(&secret),
        })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<_> = self.keys.iter().map(|key| &key.kid).collect();
        f.debug_struct("Keyring").field("kids", &kids).field("max_age", &self.max_age).finish()
    }
}

impl Claims {
    fn into_token(self) -> Result<QueueToken, TokenError> {
        let room = self.aud.strip_prefix("room:").and_then(|id| id.parse().ok()).and_then(RoomId::new);
        let user = UserId::new(&self.sub).ok();
        let (Some(room), Some(user)) = (room, user) else {
            return Err(TokenError::Malformed);
        };
        Ok(QueueToken { room, epoch: self.epoch, number: self.n, user })
    }
}

/// The library checks the signature; age and audience are checked against our own clock and rules.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

fn classify(error: jsonwebtoken::errors::Error) -> TokenError {
    use jsonwebtoken::errors::ErrorKind;

    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of errors is open")]
    match error.into_kind() {
        ErrorKind::InvalidSignature => TokenError::WrongSignature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenError::WrongAlgorithm,
        _ => TokenError::Malformed,
    }
}

#[cfg(test)]
mod tests;
