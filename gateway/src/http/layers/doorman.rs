use std::{
    fmt,
    sync::LazyLock,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    http::{HeaderName, Response, header},
};

use super::{TRACEPARENT, asked::Asked, in_time::Door, observe, overload};
use crate::{
    http::{problem::ProblemNote, queue_token, whole_request::WholeRequest},
    metrics::{Method, Metrics},
};

/// What asks for more than the same few bytes that everybody gets: who may read the answer, a span in a trace, an end of the connection.
const ASKS_FOR_MORE: [HeaderName; 4] = [header::ORIGIN, TRACEPARENT, header::CONNECTION, header::UPGRADE];

/// A refusal as it goes over a connection.
static ON_THE_WIRE: LazyLock<Vec<u8>> = LazyLock::new(|| on_the_wire(&overload::REFUSAL));

/// Refuses joins before they are requests, while their door is shut.
///
/// When half a million people press the button most are told to come back, and what that costs is taken from those who are let in. From
/// the bytes it costs three quarters of what it costs once there is a request with headers, layers and a response, and less than that where
/// the processor's cache is short. The answer is the door's own, and it is counted and logged as the door's are.
pub(crate) struct Doorman {
    joins: Door,
    metrics: Metrics,
}

impl Doorman {
    pub(super) const fn new(joins: Door, metrics: Metrics) -> Self {
        Self { joins, metrics }
    }

    /// What is answered to somebody who finds the door shut; `None` for everybody who has to be asked in.
    pub(crate) fn refusal(&self, request: &WholeRequest<'_>) -> Option<&'static [u8]> {
        let began = Instant::now();
        let is_join = request.method == "POST" && request.path == queue_token::PATH;
        if !is_join || !self.joins.is_shut() || ASKS_FOR_MORE.iter().any(|name| request.has(name)) {
            return None;
        }
        self.refused(began.elapsed());
        Some(&ON_THE_WIRE)
    }

    fn refused(&self, took: Duration) {
        let asked = Asked::call(Method::Post, queue_token::PATH);
        let note = overload::REFUSAL.extensions().get::<ProblemNote>();
        observe::answered(&self.metrics, asked, (overload::REFUSAL.status().as_u16(), took), note);
    }
}

impl fmt::Debug for Doorman {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Doorman").field("joins", &self.joins).finish_non_exhaustive()
    }
}

/// An answer in the bytes of HTTP/1.1 (RFC 9112, section 4). There is no `Date`: of a 503 it may be left out (RFC 9110, section 6.6.1).
fn on_the_wire(answer: &Response<Bytes>) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(format!("content-length: {}\r\n\r\n", answer.body().len()).into_bytes());
    bytes.extend(answer.body());
    bytes
}
