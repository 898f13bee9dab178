//! An issuer of access tokens.

use std::time::Duration;

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use crate::world::now_ms;

pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "tickets";

/// What PKCS #8 puts before the PKCS #1 form of an RSA key of 2,048 bits.
const PKCS8_PREFIX: usize = 26;

/// A key of the issuer.
pub(crate) struct IssuerKey {
    kid: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl IssuerKey {
    pub(crate) fn new(kid: &'static str, algorithm: Algorithm) -> Self {
        Self { kid, algorithm, key: key(algorithm) }
    }

    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

fn key(algorithm: Algorithm) -> EncodingKey {
    let random = SystemRandom::new();
    if algorithm == Algorithm::EdDSA {
        return EncodingKey::from_ed_der(Ed25519KeyPair::generate_pkcs8v1(&random).unwrap().as_ref());
    }
    if algorithm == Algorithm::ES256 {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        return EncodingKey::from_ec_der(pkcs8.as_ref());
    }
    if algorithm == Algorithm::HS256 {
        return EncodingKey::from_secret(&[7; 32]);
    }
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    EncodingKey::from_rsa_der(&der.as_ref()[PKCS8_PREFIX..])
}

/// The claims of a good token for a user.
pub(crate) fn claims(user: &str) -> Value {
    let expires = now_ms() / 1_000 + i64::try_from(Duration::from_mins(5).as_secs()).unwrap();
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": user, "exp": expires})
}

/// The keys as the issuer publishes them.
pub(crate) fn key_set(keys: &[&IssuerKey]) -> String {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}).to_string()
}
