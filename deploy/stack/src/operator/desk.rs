use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Room;
use crate::{StackError, Target};

/// What an operator changes is known everywhere within this.
pub const KNOWN_WITHIN: Duration = Duration::from_secs(1);

/// Longer than a gateway takes to say that it cannot answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// The operator's desk at an Onsale. Where one gateway cannot be connected to, the next is asked.
#[derive(Clone)]
pub struct Desk {
    client: Client,
    gateways: Vec<String>,
    key: String,
}

impl Desk {
    /// The desk at an Onsale. Nobody is asked yet.
    ///
    /// # Errors
    /// The system has no room for a client.
    pub fn at(target: &Target) -> Result<Self, StackError> {
        // A connection that was kept says only when it is used that its gateway is gone, and not whether it was heard.
        let client = Client::builder().no_proxy().timeout(DEADLINE).pool_max_idle_per_host(0).build();
        let client = client
            .map_err(|source| StackError::NoAnswer { question: "a gateway's client".to_owned(), source })?;
        Ok(Self { client, gateways: target.gateways.clone(), key: target.operator_key.clone() })
    }

    /// Looks at a room.
    ///
    /// # Errors
    /// There is none of that number, or nobody answers.
    pub async fn room(&self, room: u64) -> Result<Room, StackError> {
        self.ask(Method::GET, &format!("rooms/{room}"), None).await
    }

    /// Puts a policy in force, and makes the room where there is none. The line stays as it is.
    ///
    /// # Errors
    /// The policy is none, or nobody answers.
    pub async fn put_policy(&self, room: u64, policy: &Value) -> Result<Room, StackError> {
        self.ask(Method::PUT, &format!("rooms/{room}"), Some(&json!({ "policy": policy }))).await
    }

    /// Empties a room's line: every place and session of it ends.
    ///
    /// # Errors
    /// There is none of that number, or nobody answers.
    pub async fn reset(&self, room: u64) -> Result<Room, StackError> {
        self.ask(Method::POST, &format!("rooms/{room}/reset"), None).await
    }

    /// Lets a room guard a concert.
    ///
    /// # Errors
    /// There is no such room, or nobody answers.
    pub async fn tie(&self, concert: u64, room: u64) -> Result<(), StackError> {
        let body = json!({ "roomId": room });
        self.answer(Method::PUT, &format!("concerts/{concert}/room"), Some(&body)).await.map(drop)
    }

    /// Lets the site room guard a concert again.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn untie(&self, concert: u64) -> Result<(), StackError> {
        self.answer(Method::DELETE, &format!("concerts/{concert}/room"), None).await.map(drop)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, StackError> {
        let question = question(&method, path);
        let (status, text) = self.answer(method, path, body).await?;
        serde_json::from_str(&text).map_err(|error| StackError::Denied {
            question,
            status: status.as_u16(),
            reason: format!("{error}: {text}"),
        })
    }

    /// What a gateway says, where it does not refuse.
    async fn answer(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, String), StackError> {
        let question = question(&method, path);
        let unanswered = |source| StackError::NoAnswer { question: question.clone(), source };
        let (status, text) = self.first_to_answer(&method, path, body).await.map_err(unanswered)?;
        if status.is_success() {
            return Ok((status, text));
        }
        Err(StackError::Denied { question, status: status.as_u16(), reason: text })
    }

    async fn first_to_answer(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<(StatusCode, String)> {
        let mut gateways = self.gateways.iter().peekable();
        loop {
            let gateway = gateways.next().map(String::as_str).unwrap_or_default();
            let url = format!("{gateway}/api/admin/{path}");
            let request = self.client.request(method.clone(), url).bearer_auth(&self.key);
            let request = if let Some(body) = body { request.json(body) } else { request };
            match request.send().await {
                // It has heard nothing, so that nothing is done twice.
                Err(error) if error.is_connect() && gateways.peek().is_some() => {}
                answer => {
                    let answer = answer?;
                    return Ok((answer.status(), answer.text().await?));
                }
            }
        }
    }
}

fn question(method: &Method, path: &str) -> String {
    format!("{method} {path}")
}
