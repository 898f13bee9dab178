//! What a gateway answers.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// An answer, and how long it took.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) took: Duration,
}

impl Answer {
    /// Sends a request that has to be answered.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        Self::try_to(request).await.expect("an answer")
    }

    /// Sends a request that may meet nobody.
    pub(crate) async fn try_to(request: RequestBuilder) -> reqwest::Result<Self> {
        let began_at = Instant::now();
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        Ok(Self { status, headers, text, took: began_at.elapsed() })
    }

    /// The body, which has to be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body of an answer of that status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The body of that problem, which has to be written as problems are.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, slug: &str) -> Value {
        let body = self.is(status);
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(body["type"], format!("urn:onsale:problem:{slug}"), "{self:?}");
        assert_eq!(status == 401, self.headers.contains_key("www-authenticate"), "{self:?}");
        body
    }

    /// Asserts that this says in time that something is away, and when to come back.
    #[track_caller]
    pub(crate) fn is_an_outage(&self, deadline: Duration) {
        assert_eq!(self.status, 503, "{self:?}");
        assert!(self.retry_after().is_some_and(|seconds| (1..=30).contains(&seconds)), "{self:?}");
        assert!(self.took < deadline, "{self:?}");
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap().parse().unwrap())
    }
}
