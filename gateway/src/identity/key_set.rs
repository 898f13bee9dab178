use std::{collections::HashSet, time::Instant};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use onsale_token::UserId;
use serde::Deserialize;

use crate::identity::SourceError;

/// Longer than access tokens are; refused before a byte of it is decoded.
const MAX_TOKEN_BYTES: usize = 8 << 10;
/// How far the issuer's clock may be from ours, in seconds.
const CLOCK_LEEWAY_S: u64 = 30;

/// An issuer's keys as they were read at one time.
pub(super) struct KeySet {
    keys: Vec<IssuerKey>,
    pub(super) read_at: Instant,
}

struct IssuerKey {
    kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// What is asked of an access token besides its signature.
pub(super) struct Expectations {
    issuer: String,
    audience: String,
}

/// Why an access token names nobody.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its key is not among those that were read: they may have changed since.
    UnknownKey,
    /// Nothing will make it valid.
    Invalid,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Expectations {
    pub(super) const fn new(issuer: String, audience: String) -> Self {
        Self { issuer, audience }
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = CLOCK_LEEWAY_S;
        validation.validate_nbf = true;
        validation.required_spec_claims = ["exp", "iss", "aud", "sub"].map(str::to_owned).into();
        validation.iss = Some(HashSet::from([self.issuer.clone()]));
        validation.aud = Some(HashSet::from([self.audience.clone()]));
        validation
    }
}

impl KeySet {
    /// Takes the keys that sign with RS256, ES256 or `EdDSA`, and passes over others.
    pub(super) fn parse(json: &[u8], read_at: Instant) -> Result<Self, SourceError> {
        let set: JwkSet = serde_json::from_slice(json)
            .map_err(|error| SourceError::Keys { reason: format!("no JSON Web Key Set: {error}") })?;
        let keys: Vec<_> = set.keys.iter().filter_map(IssuerKey::of).collect();
        if keys.is_empty() {
            return Err(SourceError::Keys { reason: "no key for RS256, ES256 or EdDSA".to_owned() });
        }
        Ok(Self { keys, read_at })
    }

    /// Whom an access token names.
    pub(super) fn user(&self, token: &str, expected: &Expectations) -> Result<UserId, Refused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refused::Invalid);
        }
        let header = decode_header(token).map_err(|_| Refused::Invalid)?;
        let is_allowed = matches!(header.alg, Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA);
        if !is_allowed {
            return Err(Refused::Invalid);
        }
        let key = self.key(header.kid.as_deref(), header.alg).ok_or(Refused::UnknownKey)?;
        let claims = decode::<Claims>(token, &key.key, &expected.validation(key.algorithm))
            .map_err(|_| Refused::Invalid)?
            .claims;
        UserId::new(&claims.sub).map_err(|_| Refused::Invalid)
    }

    /// The key that a token names; one that names none fits the only key there is.
    fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&IssuerKey> {
        let mut fitting = self.keys.iter().filter(|key| key.algorithm == algorithm);
        if kid.is_some() {
            return fitting.find(|key| key.kid.as_deref() == kid);
        }
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

impl IssuerKey {
    /// The algorithm follows from the key, never from the token.
    fn of(jwk: &Jwk) -> Option<Self> {
        let algorithm = algorithm(jwk)?;
        let signs = !matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption));
        let key = DecodingKey::from_jwk(jwk).ok().filter(|_| signs)?;
        Some(Self { kid: jwk.common.key_id.clone(), algorithm, key })
    }
}

fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of kinds is open")]
    let (algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let stated = jwk.common.key_algorithm;
    stated.is_none_or(|stated| stated == name).then_some(algorithm)
}
