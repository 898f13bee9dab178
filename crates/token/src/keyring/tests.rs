use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000;
const DAY: Duration = Duration::from_hours(24);

fn key(kid: &str, byte: u8) -> String {
    format!("{kid}:{}", STANDARD.encode([byte; 32]))
}

fn ring(keys: &[String]) -> Keyring {
    Keyring::parse(&keys.join(",").into(), DAY).unwrap()
}

fn token() -> QueueToken {
    QueueToken { room: RoomId::SITE, epoch: 3, number: 42, user: UserId::new("ada").unwrap() }
}

/// A JWT with any header and claims, signed with the bytes of `key("a", 1)`.
fn forged(header: &serde_json::Value, claims: &serde_json::Value) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(&[1; 32]), Algorithm::HS256);
    format!("{message}.{}", signature.unwrap())
}

fn header() -> serde_json::Value {
    json!({"alg": "HS256", "typ": TYPE, "kid": "a"})
}

fn claims() -> serde_json::Value {
    json!({"aud": "room:1", "sub": "ada", "epoch": 3, "n": 42, "iat": NOW})
}

#[test]
fn the_forger_of_these_tests_makes_valid_tokens_when_nothing_is_changed() {
    assert_eq!(ring(&[key("a", 1)]).verify(&forged(&header(), &claims()), NOW), Ok(token()));
}

#[test]
fn each_forgery_is_refused_for_its_own_reason() {
    let ring = ring(&[key("a", 1)]);
    let with = |mut value: serde_json::Value, field: &str, to: serde_json::Value| {
        value[field] = to;
        value
    };
    let cases = [
        (forged(&with(header(), "alg", json!("none")), &claims()), TokenError::Malformed),
        (forged(&with(header(), "alg", json!("HS512")), &claims()), TokenError::WrongAlgorithm),
        (forged(&with(header(), "typ", json!("JWT")), &claims()), TokenError::WrongType),
        (forged(&with(header(), "kid", json!("b")), &claims()), TokenError::UnknownKey),
        (forged(&header(), &with(claims(), "aud", json!("room:0"))), TokenError::Malformed),
        (forged(&header(), &with(claims(), "aud", json!("42"))), TokenError::Malformed),
        (forged(&header(), &with(claims(), "sub", json!(""))), TokenError::Malformed),
        (forged(&header(), &with(claims(), "n", json!(-1))), TokenError::Malformed),
        (forged(&header(), &with(claims(), "iat", json!(NOW - DAY.as_secs()))), TokenError::Expired),
        (forged(&header(), &with(claims(), "iat", json!(NOW + 61))), TokenError::Expired),
        (format!("{}x", forged(&header(), &claims())), TokenError::WrongSignature),
        ("a.b.c".to_owned(), TokenError::Malformed),
        (String::new(), TokenError::Malformed),
        ("a".repeat(MAX_TOKEN_BYTES + 1), TokenError::Malformed),
    ];
    for (forgery, reason) in cases {
        assert_eq!(ring.verify(&forgery, NOW), Err(reason), "{forgery}");
    }
}

#[test]
fn a_key_rotates_without_invalidating_what_it_signed() {
    let old = ring(&[key("a", 1)]).sign(&token(), NOW).unwrap();
    let rotated = ring(&[key("b", 2), key("a", 1)]);
    let new = rotated.sign(&token(), NOW).unwrap();
    assert_eq!(rotated.verify(&old, NOW), Ok(token()));
    assert_eq!(rotated.verify(&new, NOW), Ok(token()));
    assert_eq!(ring(&[key("a", 1)]).verify(&new, NOW), Err(TokenError::UnknownKey));
    assert_eq!(ring(&[key("a", 9)]).verify(&old, NOW), Err(TokenError::WrongSignature));
}

#[test]
fn unusable_key_lists_are_named_by_place_and_keys_never_print() {
    let parse = |list: String| Keyring::parse(&list.into(), DAY).map(|_| ()).unwrap_err();
    assert_eq!(parse(String::new()), KeyringError::Empty);
    assert_eq!(parse(format!("{},x", key("a", 1))), KeyringError::Malformed(2));
    assert_eq!(parse(format!("a:{}", STANDARD.encode([1; 31]))), KeyringError::TooShort(1));
    assert_eq!(parse(format!("{},{}", key("a", 1), key("a", 2))), KeyringError::Repeated(2));
    let shown = format!("{:?}", ring(&[key("a", 1)]));
    assert!(shown.contains("\"a\"") && !shown.contains(&STANDARD.encode([1; 32])), "{shown}");
}

proptest! {
    #[test]
    fn what_was_signed_is_what_is_read(room in 1..=i64::MAX as u64, epoch: u64, number: u64, user in "\\PC{1,64}") {
        let token = QueueToken {
            room: RoomId::new(room).unwrap(),
            epoch,
            number,
            user: UserId::new(&user).unwrap(),
        };
        let ring = ring(&[key("a", 1)]);
        let signed = ring.sign(&token, NOW).unwrap();
        prop_assert!(signed.len() <= MAX_TOKEN_BYTES);
        prop_assert_eq!(ring.verify(&signed, NOW), Ok(token));
    }
}
