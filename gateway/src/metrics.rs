//! Every instrument of the gateway, by OpenTelemetry's names.

use std::time::Duration;

use onsale_telemetry::Meter;
use onsale_token::TokenError;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge, Histogram},
};

use crate::failure::Service;

/// The instruments. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    /// `http.server.request.duration` in seconds, by method, matched route and status.
    requests: Histogram<f64>,
    /// `onsale.gateway.status.answers`, by where the answer came from.
    status_answers: Counter<u64>,
    /// `onsale.gateway.tokens.refused`, by reason.
    tokens_refused: Counter<u64>,
    /// `onsale.gateway.calls.retried`, by service.
    calls_retried: Counter<u64>,
    /// `onsale.gateway.calls.failed`: attempts that a copy did not answer, by service.
    attempts_failed: Counter<u64>,
    /// `onsale.gateway.sync.failed`: syncs that no copy answered.
    syncs_failed: Counter<u64>,
    /// `onsale.gateway.view.age` in seconds.
    view_age: Gauge<f64>,
    /// `onsale.gateway.joins.batch`: joins in one call.
    join_batch: Histogram<u64>,
    /// `onsale.gateway.seats.age` in seconds, of what was shown.
    seats_age: Histogram<f64>,
    /// `onsale.gateway.seats.refused`: reads of seats that no view was young enough for.
    seats_refused: Counter<u64>,
    /// `onsale.gateway.seats.encoded`: bodies of seats that were encoded.
    seats_encoded: Counter<u64>,
    /// `onsale.gateway.seats.refresh.failed`: refreshes that no copy answered in time.
    seat_refreshes_failed: Counter<u64>,
}

/// Where the answer to a status poll came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnsweredFrom {
    /// The synced view.
    View,
    /// A remembered session.
    Memory,
    /// A call to the queue.
    Queue,
}

impl AnsweredFrom {
    const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Memory => "memory",
            Self::Queue => "queue",
        }
    }
}

impl Metrics {
    pub(crate) fn new(meter: &Meter) -> Self {
        let counter = |name: &'static str, description: &'static str| {
            meter.u64_counter(name).with_description(description).build()
        };
        Self {
            requests: meter
                .f64_histogram("http.server.request.duration")
                .with_unit("s")
                .with_description("How long requests took")
                .build(),
            status_answers: counter("onsale.gateway.status.answers", "Status polls, by what answered them"),
            tokens_refused: counter("onsale.gateway.tokens.refused", "Queue tokens that were not accepted"),
            calls_retried: counter("onsale.gateway.calls.retried", "Calls tried again on another copy"),
            attempts_failed: counter("onsale.gateway.calls.failed", "Attempts that a copy did not answer"),
            syncs_failed: counter("onsale.gateway.sync.failed", "Syncs that no copy answered"),
            view_age: meter
                .f64_gauge("onsale.gateway.view.age")
                .with_unit("s")
                .with_description("How old the rooms' views are")
                .build(),
            join_batch: meter
                .u64_histogram("onsale.gateway.joins.batch")
                .with_description("Joins in one call")
                .with_boundaries(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0])
                .build(),
            seats_age: meter
                .f64_histogram("onsale.gateway.seats.age")
                .with_unit("s")
                .with_description("How old the seats were that were shown")
                .with_boundaries(vec![0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25])
                .build(),
            seats_refused: counter("onsale.gateway.seats.refused", "Reads that no view was young enough for"),
            seats_encoded: counter("onsale.gateway.seats.encoded", "Bodies of seats that were encoded"),
            seat_refreshes_failed: counter(
                "onsale.gateway.seats.refresh.failed",
                "Refreshes of seats that no copy answered in time",
            ),
        }
    }

    pub(crate) fn request(&self, took: Duration, method: &'static str, route: String, status: u16) {
        let labels = [
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ];
        self.requests.record(took.as_secs_f64(), &labels);
    }

    pub(crate) fn status_answered(&self, from: AnsweredFrom) {
        self.status_answers.add(1, &[KeyValue::new("source", from.name())]);
    }

    pub(crate) fn token_refused(&self, error: TokenError) {
        let reason = match error {
            TokenError::Malformed => "malformed",
            TokenError::WrongType => "wrong_type",
            TokenError::WrongAlgorithm => "wrong_algorithm",
            TokenError::UnknownKey => "unknown_key",
            TokenError::WrongSignature => "wrong_signature",
            TokenError::Expired => "expired",
        };
        self.tokens_refused.add(1, &[KeyValue::new("reason", reason)]);
    }

    pub(crate) fn call_retried(&self, service: Service) {
        self.calls_retried.add(1, &[KeyValue::new("service", service.name())]);
    }

    pub(crate) fn attempt_failed(&self, service: Service) {
        self.attempts_failed.add(1, &[KeyValue::new("service", service.name())]);
    }

    pub(crate) fn sync_failed(&self) {
        self.syncs_failed.add(1, &[]);
    }

    pub(crate) fn view_age(&self, age: Duration) {
        self.view_age.record(age.as_secs_f64(), &[]);
    }

    pub(crate) fn seats_read(&self, age: Duration) {
        self.seats_age.record(age.as_secs_f64(), &[]);
    }

    pub(crate) fn seats_refused(&self) {
        self.seats_refused.add(1, &[]);
    }

    pub(crate) fn seats_encoded(&self) {
        self.seats_encoded.add(1, &[]);
    }

    pub(crate) fn seat_refresh_failed(&self) {
        self.seat_refreshes_failed.add(1, &[]);
    }

    pub(crate) fn joins_sent(&self, count: usize) {
        self.join_batch.record(count as u64, &[]);
    }
}
