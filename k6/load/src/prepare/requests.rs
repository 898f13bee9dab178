//! One request of each of the four calls, for generators that make the same one again and again.

use std::{collections::BTreeMap, io, path::Path, time::Duration};

use onsale_stack::Target;
use reqwest::{Client, header};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Data, PrepareError, Prepared, client};
use crate::generator::{oha::OhaLoad, program::Request};

/// How long somebody may wait to be let in.
const LET_IN: Duration = Duration::from_secs(30);
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// A request, and what is to come of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked.
    pub request: Request,
    /// Statuses that are answers.
    pub expected: Vec<u16>,
    /// Whose join it is, where it is one: the run's name and the concert.
    joins: Option<(String, u64)>,
}

impl Asked {
    /// The request of `token`, `status`, `schedules` or `seats`, with a visitor of its own who waits, or is in.
    ///
    /// # Errors
    /// There is no such call, the run has no seats, or the visitor is not let in.
    pub async fn of(
        call: &str,
        target: &Target,
        prepared: &Prepared,
        test_id: &str,
        settings: &BTreeMap<String, String>,
    ) -> Result<Self, PrepareError> {
        let data = prepared.data.as_ref().ok_or_else(|| PrepareError::NoRequest(call.to_owned()))?;
        let gateway = &target.gateways[0];
        let concert = format!("{gateway}/api/concerts/{}", data.concert);
        let visitor =
            Visitor { client: client(), gateway, concert: data.concert, user: format!("{test_id}-asks") };
        match call {
            "token" => Ok(Self {
                request: Request {
                    url: format!("{gateway}/api/queues/token"),
                    method: "POST".to_owned(),
                    headers: Vec::new(),
                },
                expected: vec![201],
                joins: Some((test_id.to_owned(), data.concert)),
            }),
            "status" => Ok(Self::get(format!("{gateway}/api/queues/status"), &visitor.join().await?)),
            "schedules" => Ok(Self::get(format!("{concert}/schedules"), &visitor.enter().await?)),
            "seats" => Self::seats(&concert, &visitor, data, settings).await,
            _ => Err(PrepareError::NoRequest(call.to_owned())),
        }
    }

    fn get(url: String, token: &str) -> Self {
        let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
        Self { request: Request { url, method: "GET".to_owned(), headers }, expected: vec![200], joins: None }
    }

    /// With `ETAG=1` everybody has seen the seats before, and nobody sells any.
    async fn seats(
        concert: &str,
        visitor: &Visitor<'_>,
        data: &Data,
        settings: &BTreeMap<String, String>,
    ) -> Result<Self, PrepareError> {
        let setting = |name: &str, unless: &str| settings.get(name).map_or(unless, String::as_str).to_owned();
        let wanted: u32 = setting("SEATS", "1000").parse().unwrap_or(1_000);
        let (schedule, _) = data
            .schedules
            .iter()
            .min_by_key(|(_, seats)| seats.abs_diff(wanted))
            .ok_or_else(|| PrepareError::NoRequest("seats".to_owned()))?;
        let view = if setting("VIEW", "list") == "states" { "?view=states" } else { "" };
        let mut asked =
            Self::get(format!("{concert}/schedules/{schedule}/seats{view}"), &visitor.enter().await?);
        if setting("GZIP", "1") == "1" {
            asked.request.headers.push(("Accept-Encoding".to_owned(), "gzip".to_owned()));
        }
        if setting("ETAG", "1") == "1" {
            let tag = visitor.etag(&asked.request).await?;
            asked.request.headers.push(("If-None-Match".to_owned(), tag));
            asked.expected = vec![304];
        }
        Ok(asked)
    }

    /// Writes the bodies that the generator takes one of for each request, where the request has one.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn bodies(&self, load: &mut OhaLoad, path: &Path, who: &str) -> io::Result<()> {
        match self.joins {
            Some(_) => load.write_bodies(path, |number| self.body(who, number).unwrap_or_default()),
            None => Ok(()),
        }
    }

    /// The body of the request with this number, where it has one.
    #[must_use]
    pub fn body(&self, who: &str, number: usize) -> Option<String> {
        let (test_id, concert) = self.joins.as_ref()?;
        Some(json!({"userId": format!("{test_id}-{who}-{number}"), "concertId": concert}).to_string())
    }
}

/// Somebody who asks.
struct Visitor<'a> {
    client: Client,
    gateway: &'a str,
    concert: u64,
    user: String,
}

impl Visitor<'_> {
    async fn join(&self) -> Result<String, PrepareError> {
        let url = format!("{}/api/queues/token", self.gateway);
        let body = json!({"userId": self.user, "concertId": self.concert});
        let place = self.answer(&url, self.client.post(&url).json(&body)).await?;
        Ok(place["token"].as_str().unwrap_or_default().to_owned())
    }

    /// Joins, and asks until it is in.
    async fn enter(&self) -> Result<String, PrepareError> {
        let token = self.join().await?;
        let url = format!("{}/api/queues/status", self.gateway);
        let until = Instant::now() + LET_IN;
        while Instant::now() < until {
            if self.answer(&url, self.client.get(&url).bearer_auth(&token)).await?["status"] == "ACTIVE" {
                // Every gateway knows by then.
                sleep(ASK_AGAIN).await;
                return Ok(token);
            }
            sleep(ASK_AGAIN).await;
        }
        Err(PrepareError::NotLetIn(self.user.clone()))
    }

    async fn etag(&self, request: &Request) -> Result<String, PrepareError> {
        let mut asking = self.client.get(&request.url);
        for (name, value) in &request.headers {
            asking = asking.header(name, value);
        }
        let answer = asking.send().await.map_err(gateway(&request.url))?;
        let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        tag.map(str::to_owned).ok_or_else(|| PrepareError::NoRequest(request.url.clone()))
    }

    async fn answer(&self, url: &str, request: reqwest::RequestBuilder) -> Result<Value, PrepareError> {
        let answer =
            request.send().await.and_then(reqwest::Response::error_for_status).map_err(gateway(url))?;
        answer.json().await.map_err(gateway(url))
    }
}

fn gateway(url: &str) -> impl FnOnce(reqwest::Error) -> PrepareError {
    let url = url.to_owned();
    |source| PrepareError::Gateway { url, source }
}
