//! Joins with access tokens.

use std::{
    io::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, routing::get};
use jsonwebtoken::Algorithm;
use onsale_gateway::{IdentityMode, JwksSource};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    access_tokens::{AUDIENCE, ISSUER, IssuerKey, claims, key_set},
    fake_catalog::FakeCatalog,
    fake_queue::FakeQueue,
    world::{Answer, World, now_ms, token},
};

/// A gateway that trusts the keys there.
async fn trusting(source: JwksSource) -> World {
    World::start_with(|config| {
        config.identity.mode = IdentityMode::Jwks;
        config.identity.jwks = Some(source);
        config.identity.jwks_issuer = Some(ISSUER.to_owned());
        config.identity.jwks_audience = Some(AUDIENCE.to_owned());
    })
    .await
}

fn file_of(keys: &[&IssuerKey]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(key_set(keys).as_bytes()).unwrap();
    file
}

async fn join(world: &World, access_token: &str, body: &Value) -> Answer {
    Answer::of(world.request(Method::POST, "/api/queues/token").bearer_auth(access_token).json(body)).await
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn the_user_is_who_the_issuer_says() {
    let keys = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    let keys = [("r", keys[0]), ("e", keys[1]), ("d", keys[2])].map(|(kid, alg)| IssuerKey::new(kid, alg));
    let file = file_of(&keys.each_ref());
    let world = trusting(JwksSource::File(file.path().to_owned())).await;
    for key in &keys {
        assert_eq!(join(&world, &key.sign(&claims("ada")), &json!({})).await.status, 201);
        let same = join(&world, &key.sign(&claims("ada")), &json!({"userId": "ada", "concertId": 7})).await;
        assert_eq!(same.status, 201);
        let several = with(claims("ada"), "aud", json!(["others", AUDIENCE]));
        assert_eq!(join(&world, &key.sign(&several), &json!({})).await.status, 201);
    }
    assert!(world.queue.script().joins.iter().all(|join| join.user_id == "ada"));
}

#[tokio::test]
async fn nobody_else_joins() {
    let key = IssuerKey::new("d", Algorithm::EdDSA);
    let file = file_of(&[&key]);
    let world = trusting(JwksSource::File(file.path().to_owned())).await;
    world.join(&json!({"userId": "ada"})).await.is_problem(401, "access-token-missing");
    let past = now_ms() / 1_000 - 120;
    let signed = |name: &str, value: Value| key.sign(&with(claims("ada"), name, value));
    let without = |name: &str| {
        let mut claims = claims("ada");
        claims.as_object_mut().unwrap().remove(name);
        key.sign(&claims)
    };
    let mut texts = Vec::new();
    for (what, access_token) in [
        ("expired", signed("exp", json!(past))),
        ("not yet", signed("nbf", json!(past + 600))),
        ("foreign issuer", signed("iss", json!("https://other.example"))),
        ("wrong audience", signed("aud", json!("others"))),
        ("no expiry", without("exp")),
        ("no issuer", without("iss")),
        ("no audience", without("aud")),
        ("no user", without("sub")),
        ("odd user", signed("sub", json!("x".repeat(65)))),
        ("another's key", IssuerKey::new("d", Algorithm::EdDSA).sign(&claims("ada"))),
        ("unknown key", IssuerKey::new("z", Algorithm::EdDSA).sign(&claims("ada"))),
        ("another algorithm", IssuerKey::new("d", Algorithm::ES256).sign(&claims("ada"))),
        ("hmac", IssuerKey::new("d", Algorithm::HS256).sign(&claims("ada"))),
        ("none", format!("eyJhbGciOiJub25lIn0.{}.", key.sign(&claims("ada")).split('.').nth(1).unwrap())),
        ("a queue token", token(150)),
        ("nonsense", "nonsense".to_owned()),
        ("too long", "x".repeat(9_000)),
    ] {
        let answer = join(&world, &access_token, &json!({"userId": "ada"})).await;
        assert_eq!(answer.status, 401, "{what}: {answer:?}");
        answer.is_problem(401, "access-token-invalid");
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let other = join(&world, &key.sign(&claims("ada")), &json!({"userId": "bob"})).await;
    other.is_problem(403, "user-mismatch");
    assert_eq!(world.queue.calls("join"), 0);
}

#[tokio::test]
async fn after_the_join_the_queue_token_speaks_for_the_visitor() {
    let key = IssuerKey::new("d", Algorithm::EdDSA);
    let file = file_of(&[&key]);
    let world = trusting(JwksSource::File(file.path().to_owned())).await;
    assert_eq!(world.status(&token(150)).await.status, 200);
    world.status(&key.sign(&claims("ada"))).await.is_problem(401, "token-invalid");
    // Shown on a join it travels as Token, since Authorization has the access token.
    let shown = token(150);
    let request = world.request(Method::POST, "/api/queues/token").header("Token", &shown).json(&json!({}));
    assert_eq!(Answer::of(request.bearer_auth(key.sign(&claims("user-150")))).await.status, 201);
    assert_eq!(world.queue.script().joins[0].token, shown);
}

/// An issuer that publishes its keys over HTTP, and counts how often they are fetched.
struct Issuer {
    keys: Arc<Mutex<String>>,
    fetched: Arc<AtomicUsize>,
    source: JwksSource,
}

async fn issuer(keys: String) -> Issuer {
    let (keys, fetched) = (Arc::new(Mutex::new(keys)), Arc::new(AtomicUsize::new(0)));
    let handler = {
        let (keys, fetched) = (Arc::clone(&keys), Arc::clone(&fetched));
        move || async move {
            fetched.fetch_add(1, Ordering::Relaxed);
            keys.lock().unwrap().clone()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/keys", get(handler))).await });
    Issuer { keys, fetched, source: url.parse().unwrap() }
}

#[tokio::test]
async fn a_new_key_of_the_issuer_is_learned_when_it_is_first_seen() {
    let (old, new) = (IssuerKey::new("1", Algorithm::EdDSA), IssuerKey::new("2", Algorithm::EdDSA));
    let issuer = issuer(key_set(&[&old])).await;
    let world = trusting(issuer.source.clone()).await;
    assert_eq!(join(&world, &old.sign(&claims("ada")), &json!({})).await.status, 201);
    assert_eq!(issuer.fetched.load(Ordering::Relaxed), 1);
    *issuer.keys.lock().unwrap() = key_set(&[&old, &new]);
    for key in [&new, &old, &new] {
        assert_eq!(join(&world, &key.sign(&claims("ada")), &json!({})).await.status, 201);
    }
    assert_eq!(issuer.fetched.load(Ordering::Relaxed), 2);
    // Anybody can name a key that does not exist.
    for _ in 0..20 {
        let forged = IssuerKey::new("3", Algorithm::EdDSA).sign(&claims("ada"));
        join(&world, &forged, &json!({})).await.is_problem(401, "access-token-invalid");
    }
    assert_eq!(issuer.fetched.load(Ordering::Relaxed), 2, "the issuer is not bothered");
}

#[tokio::test]
async fn an_issuer_that_is_away_keeps_nobody_from_starting_and_readiness_says_so() {
    let config = |config: &mut onsale_gateway::GatewayConfig| {
        config.identity.mode = IdentityMode::Jwks;
        config.identity.jwks = Some("http://127.0.0.1:1/keys".parse().unwrap());
        config.identity.jwks_issuer = Some(ISSUER.to_owned());
        config.identity.jwks_audience = Some(AUDIENCE.to_owned());
    };
    let urls = || vec!["http://127.0.0.1:1".parse().unwrap()];
    let parts = (FakeQueue::default(), FakeCatalog::default());
    let world = World::between(parts.0, parts.1, (urls(), urls()), Vec::new(), config).await;
    let missing: Vec<_> =
        world.process.readiness().missing().into_iter().map(|missing| missing.condition).collect();
    assert!(missing.contains(&"identity"), "{missing:?}");
    let key = IssuerKey::new("d", Algorithm::EdDSA);
    join(&world, &key.sign(&claims("ada")), &json!({})).await.is_problem(503, "identity-unavailable");
}
