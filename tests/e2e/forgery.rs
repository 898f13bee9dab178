//! Queue tokens that the queue did not make.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use onsale_token::{Keyring, QueueToken};
use serde_json::{Value, json};

use crate::onsale::TOKEN_KEYS;

/// What a token states.
pub(crate) fn read(token: &str) -> QueueToken {
    let keys = Keyring::parse(&TOKEN_KEYS.into(), Duration::from_hours(1)).unwrap();
    keys.verify(token, now_s()).unwrap()
}

pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The same statement in each way in which nobody may make it, and what is wrong with it.
pub(crate) fn forgeries(token: &str) -> Vec<(&'static str, String)> {
    let (header, claims) = (json!({"alg": "HS256", "typ": "onsale-queue+jwt", "kid": "a"}), claims(token));
    let with = |value: &Value, field: &str, to: Value| {
        let mut value = value.clone();
        value[field] = to;
        value
    };
    let unsigned = format!("{}.{}.", part(&with(&header, "alg", json!("none"))), part(&claims));
    vec![
        ("malformed", "no token at all".to_owned()),
        ("empty", String::new()),
        ("alg none", unsigned),
        ("alg HS512", signed(&with(&header, "alg", json!("HS512")), &claims, 1)),
        ("wrong typ", signed(&with(&header, "typ", json!("JWT")), &claims, 1)),
        ("wrong key", signed(&header, &claims, 2)),
        ("unknown key", signed(&with(&header, "kid", json!("z")), &claims, 1)),
        ("expired", signed(&header, &with(&claims, "iat", json!(now_s() - 73 * 3_600)), 1)),
        ("another's number under the old signature", with_claims_of_another(token)),
        ("cut off", token[..token.len() - 2].to_owned()),
    ]
}

/// The same statement as the queue makes it: shows that the others fail for what is wrong with them.
pub(crate) fn faithful(token: &str) -> String {
    signed(&json!({"alg": "HS256", "typ": "onsale-queue+jwt", "kid": "a"}), &claims(token), 1)
}

fn claims(token: &str) -> Value {
    let QueueToken { room, epoch, number, user } = read(token);
    json!({"aud": format!("room:{room}"), "sub": user.as_str(), "epoch": epoch, "n": number, "iat": now_s()})
}

fn with_claims_of_another(token: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let mut claims = claims(token);
    claims["n"] = json!(1);
    claims["sub"] = json!("somebody else");
    format!("{}.{}.{}", parts[0], part(&claims), parts[2])
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Signed with a key of 32 such bytes.
fn signed(header: &Value, claims: &Value, key: u8) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(&[key; 32]);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}
