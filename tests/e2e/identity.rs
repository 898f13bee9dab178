//! Joins with the user's own access token.

use std::{collections::BTreeMap, fs, path::Path};

use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    api::{Api, policy, token},
    forgery::{now_s, read},
    onsale::{Onsale, Plan},
    wait::until,
};

const ISSUER: &str = "https://accounts.example";
const AUDIENCE: &str = "tickets";

/// A key of an issuer of access tokens.
struct IssuerKey {
    kid: &'static str,
    key: EncodingKey,
}

impl IssuerKey {
    fn new(kid: &'static str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self { kid, key: EncodingKey::from_ed_der(pkcs8.as_ref()) }
    }

    /// Publishes this key and no other, at once as a whole.
    fn publish(&self, file: &Path) {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        let draft = file.with_extension("draft");
        fs::write(&draft, json!({ "keys": [jwk] }).to_string()).unwrap();
        fs::rename(draft, file).unwrap();
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

/// A good token's claims.
fn claims(user: &str) -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": user, "exp": now_s() + 300})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims("ada");
    claims[name] = value;
    claims
}

async fn trusting(keys: &Path) -> Onsale {
    let settings = [
        ("ONSALE_IDENTITY", "jwks"),
        ("ONSALE_JWKS", keys.to_str().unwrap()),
        ("ONSALE_JWKS_ISSUER", ISSUER),
        ("ONSALE_JWKS_AUDIENCE", AUDIENCE),
        ("ONSALE_JWKS_REFRESH_SECONDS", "1"),
    ];
    let gateway = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let onsale = Onsale::start_as(Plan { gateway: BTreeMap::from(gateway), ..Plan::default() }).await;
    onsale.put_room(1, &policy("paused", 1)).await;
    onsale
}

async fn join(api: &Api, access_token: &str, body: Value) -> Answer {
    Answer::to(api.with(Method::POST, "/api/queues/token", access_token).json(&body)).await
}

#[tokio::test]
async fn the_user_is_who_the_issuer_says_and_nobody_else_joins() {
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = (folder.path().join("keys.json"), IssuerKey::new("first"));
    key.publish(&file);
    let onsale = trusting(&file).await;
    let api = onsale.api();

    let joined = join(&api, &key.sign(&claims("ada")), json!({})).await.is(201);
    let place = read(&token(&joined));
    assert_eq!((place.number, place.user.as_str()), (1, "ada"));
    let again = join(&api, &key.sign(&claims("ada")), json!({"userId": "ada"})).await.is(201);
    assert_eq!(again["number"], 1);
    api.status(&token(&joined)).await.is(200);

    api.join(&json!({"userId": "ada"})).await.is_problem(401, "access-token-missing");
    for (what, wrong) in [
        ("expired", key.sign(&with("exp", json!(now_s() - 120)))),
        ("of a foreign issuer", key.sign(&with("iss", json!("https://accounts.test")))),
        ("for another audience", key.sign(&with("aud", json!("merchandise")))),
        ("of another key", IssuerKey::new("first").sign(&claims("ada"))),
        ("a queue token", token(&joined)),
    ] {
        let answer = join(&api, &wrong, json!({})).await;
        assert_eq!(answer.status, 401, "{what}: {answer:?}");
        answer.is_problem(401, "access-token-invalid");
    }
    let other = join(&api, &key.sign(&claims("ada")), json!({"userId": "bob"})).await;
    other.is_problem(403, "user-mismatch");
    assert_eq!(api.room(1).await["lastNumber"], 1, "nobody else has a number");
}

#[tokio::test]
async fn the_issuers_keys_may_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let (first, second) = (IssuerKey::new("first"), IssuerKey::new("second"));
    first.publish(&file);
    let onsale = trusting(&file).await;
    let api = onsale.api();
    join(&api, &first.sign(&claims("ada")), json!({})).await.is(201);
    second.publish(&file);
    let is_taken = || async { join(&api, &second.sign(&claims("bob")), json!({})).await.status == 201 };
    until("the new key to be taken", is_taken).await;
    let is_refused = || async { join(&api, &first.sign(&claims("ada")), json!({})).await.status == 401 };
    until("the old key to be refused", is_refused).await;
}
