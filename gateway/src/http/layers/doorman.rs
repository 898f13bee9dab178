use std::{sync::LazyLock, time::Instant};

use axum::{
    body::Bytes,
    http::{HeaderName, Response, header},
};

use super::{TRACEPARENT, asked::Asked, in_time::Door, observe, overload};
use crate::{
    http::{problem::ProblemNote, queue_token, whole_request::WholeRequest},
    metrics::{Method, Metrics},
};

/// What the door is before.
const JOIN: Asked = Asked::call(Method::Post, queue_token::PATH);

/// What asks for more than the same few bytes that everybody gets: who may read the answer, a span in a trace, an end of the connection.
const ASKS_FOR_MORE: [HeaderName; 4] = [header::ORIGIN, TRACEPARENT, header::CONNECTION, header::UPGRADE];

/// A refusal as it goes over a connection.
static ON_THE_WIRE: LazyLock<Vec<u8>> = LazyLock::new(|| on_the_wire(&overload::REFUSAL));

/// Refuses joins before they are requests, while their door is shut.
///
/// When half a million people press the button most are told to come back, and what that costs is taken from those who are let in. From
/// the bytes it costs three quarters of what it costs once there is a request with headers, layers and a response, and less than that where
/// the processor's cache is short. The answer is the door's own, and it is counted and logged as the door's are.
#[derive(Debug)]
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
        let is_join = request.path == JOIN.route.0 && Method::of(request.method) == JOIN.method;
        if !is_join || !self.joins.is_shut() || ASKS_FOR_MORE.iter().any(|name| request.has(name)) {
            return None;
        }
        let (status, note) =
            (overload::REFUSAL.status(), overload::REFUSAL.extensions().get::<ProblemNote>());
        observe::answered(&self.metrics, JOIN, (status.as_u16(), began.elapsed()), note);
        Some(&ON_THE_WIRE)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use onsale_telemetry::Instruments;

    use super::*;
    use crate::http::layers::Bounds;

    /// What a doorman before a door for so many says to these bytes.
    fn says(most: u32, text: &str) -> bool {
        let door = Door::new(Duration::from_secs(1), Bounds::of_joins(most));
        let doorman = Doorman::new(door, Metrics::new(&Instruments::unread()));
        WholeRequest::look(text.as_bytes(), |whole| doorman.refusal(whole.unwrap()).is_some())
    }

    #[test]
    fn plain_joins_are_refused_while_the_door_is_shut_and_nobody_else() {
        let join = "POST /api/queues/token HTTP/1.1\r\nhost: h\r\n";
        assert!(says(0, &format!("{join}\r\n")));
        assert!(!says(1, &format!("{join}\r\n")), "there is room");
        for more in ["Origin: o", "traceparent: t", "Connection: close", "Upgrade: u"] {
            assert!(!says(0, &format!("{join}{more}\r\n\r\n")), "{more}");
        }
        for other in ["DELETE /api/queues/token", "POST /api/queues/token?a=b", "POST /api/queues/tokens"] {
            assert!(!says(0, &format!("{other} HTTP/1.1\r\n\r\n")), "{other}");
        }
    }
}
