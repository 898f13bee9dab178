use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::Value;

use super::tally::{Call, Tally};

/// What is away is asked again this often; a visitor who is told so for longer gives up.
const ATTEMPTS: u32 = 20;
/// Longer than a gateway takes to say that it cannot answer.
const DEADLINE: Duration = Duration::from_secs(15);

/// What was asked is away for too long.
#[derive(Debug, thiserror::Error)]
#[error("away for too long")]
pub(super) struct Away;

/// One gateway, and what everybody's calls came to. Clones share both.
#[derive(Clone, Debug)]
pub(super) struct Api {
    client: Client,
    address: String,
    tally: Arc<Mutex<Tally>>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Null where there is none.
    pub(super) body: Value,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) call: Call,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) token: Option<&'a str>,
    pub(super) key: Option<String>,
    pub(super) body: Option<Value>,
}

impl<'a> Question<'a> {
    pub(super) fn get(call: Call, path: impl Into<String>, token: &'a str) -> Self {
        Self { call, method: Method::GET, path: path.into(), token: Some(token), key: None, body: None }
    }

    pub(super) fn send(call: Call, method: Method, path: impl Into<String>, token: &'a str) -> Self {
        Self { method, ..Self::get(call, path, token) }
    }

    pub(super) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Names the request, so that asking again is not doing it again.
    pub(super) fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

impl Answer {
    pub(super) const fn is(&self, status: u16) -> bool {
        self.status == status
    }

    /// The end of a problem's type.
    pub(super) fn problem(&self) -> &str {
        self.body["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default()
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    pub(super) fn number(&self, field: &str) -> u64 {
        self.body[field].as_u64().unwrap_or_default()
    }
}

impl Api {
    pub(super) fn new(client: Client, address: String, tally: Arc<Mutex<Tally>>) -> Self {
        Self { client, address, tally }
    }

    /// Writes something down.
    pub(super) fn note<T>(&self, note: impl FnOnce(&mut Tally) -> T) -> T {
        note(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks, and again where something is away: as the answer says, and with the same key.
    pub(super) async fn ask(&self, question: Question<'_>) -> anyhow::Result<Answer> {
        for _ in 0..ATTEMPTS {
            let began_at = Instant::now();
            let response = self.request(&question).send().await;
            let Ok(response) = response else {
                self.note(Tally::told_to_come_back);
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            };
            let status = response.status().as_u16();
            let retry_after = response
                .headers()
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.parse().ok());
            let text = response.text().await.unwrap_or_default();
            self.note(|tally| tally.took(question.call, began_at.elapsed()));
            if status == 503 {
                self.note(Tally::told_to_come_back);
                tokio::time::sleep(Duration::from_secs(retry_after.context("503 without Retry-After")?))
                    .await;
                continue;
            }
            let body = serde_json::from_str(&text).unwrap_or_default();
            return Ok(Answer { status, body });
        }
        Err(Away.into())
    }

    fn request(&self, question: &Question<'_>) -> RequestBuilder {
        let address = format!("{}{}", self.address, question.path);
        let mut request = self.client.request(question.method.clone(), address).timeout(DEADLINE);
        if let Some(token) = question.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &question.key {
            request = request.header("Idempotency-Key", key);
        }
        match &question.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}
