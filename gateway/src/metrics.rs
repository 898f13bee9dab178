//! Every instrument of the gateway, by OpenTelemetry's names: what it says, and with which labels.
//!
//! Labels are of closed types (`metrics/labels.rs`), and of what the router and the table of problems know: nothing
//! that a request says becomes one.

mod labels;

use std::{sync::Arc, time::Duration};

use onsale_telemetry::{Counter, Histogram, Instruments, Level, Within, grpc::ClientMetrics};
use onsale_token::TokenError;

use crate::{
    failure::Service,
    http::{ProblemKind, ProblemType},
};

pub(crate) use labels::{
    AnsweredFrom, Found, Gatekeeping, Given, Method, ReadAnswer, Resource, Route, StatusTold, View,
};
use labels::{CopyState, ErrorType, StatusCode, TokenRefusal};

/// The instruments. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Metrics(Arc<Made>);

#[derive(Debug)]
struct Made {
    instruments: Instruments,
    requests: Histogram<(Method, Route, StatusCode, ErrorType)>,
    active_requests: Level,
    problems: Counter<(ProblemType, ProblemKind)>,
    refused: Counter<Gatekeeping>,
    tokens_refused: Counter<TokenRefusal>,
    tokens: Counter<Given>,
    status_answers: Counter<(AnsweredFrom, StatusTold)>,
    reads: Counter<(Resource, ReadAnswer)>,
    view_hits: Counter<(View, Found)>,
    seats_age: Histogram<()>,
    seats_refused: Counter<()>,
    seats_encoded: Counter<()>,
    seat_refreshes_failed: Counter<()>,
    syncs_failed: Counter<()>,
    calls_retried: Counter<Service>,
    attempts_failed: Counter<Service>,
    join_batch: Histogram<()>,
    calls: ClientMetrics,
}

/// A view is refreshed every 50 ms, and shown until it is 250 ms old.
const SEATS_AGES: [f64; 7] = [0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25];
const BATCHES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

impl Metrics {
    pub(crate) fn new(instruments: &Instruments) -> Self {
        let at = instruments;
        let made = Made {
            instruments: at.clone(),
            requests: at.durations("http.server.request.duration", "How long requests took"),
            active_requests: at.level("http.server.active_requests", "Requests that are being answered"),
            problems: at.counter("onsale.gateway.problems", "Problems that were answered, by type"),
            refused: at.counter("onsale.gateway.refused", "Requests that were not let in, by reason"),
            tokens_refused: at.counter(
                "onsale.gateway.tokens.refused",
                "Queue tokens that were not accepted, by what is wrong with them",
            ),
            tokens: at.counter(
                "onsale.gateway.tokens",
                "Queue tokens handed out: with a number that no gateway had seen, with one that the user had, or with none",
            ),
            status_answers: at.counter(
                "onsale.gateway.status.answers",
                "Status polls, by what answered them and what they were told",
            ),
            reads: at.counter(
                "onsale.gateway.reads",
                "Reads of what has a tag: sent whole, sent as changes, or known to the reader",
            ),
            view_hits: at.counter(
                "onsale.gateway.view.hits",
                "Reads that a view answered, and those that had to ask the catalog",
            ),
            seats_age: at.sizes(
                "onsale.gateway.seats.age",
                "s",
                "How old the seats were that were shown",
                &SEATS_AGES,
            ),
            seats_refused: at
                .counter("onsale.gateway.seats.refused", "Reads of seats that no view was young enough for"),
            seats_encoded: at
                .counter("onsale.gateway.seats.encoded", "Bodies of seats that were encoded"),
            seat_refreshes_failed: at.counter(
                "onsale.gateway.seats.refresh.failed",
                "Refreshes of seats that no copy answered in time",
            ),
            syncs_failed: at.counter("onsale.gateway.sync.failed", "Syncs that no copy answered"),
            calls_retried: at.counter("onsale.gateway.calls.retried", "Calls tried again, on another copy if any"),
            attempts_failed: at
                .counter("onsale.gateway.calls.failed", "Attempts that a copy did not answer"),
            join_batch: at.sizes("onsale.gateway.joins.batch", "", "Joins in one call", &BATCHES),
            calls: ClientMetrics::new(at),
        };
        // Of all pairs of a type and a kind, only those of the table are.
        for problem in ProblemType::ALL {
            made.problems.add(0, (*problem, problem.kind()));
        }
        Self(Arc::new(made))
    }

    /// How old the rooms' views are, absent before the first sync.
    pub(crate) fn watch_room_view(&self, age: impl Fn() -> Option<Duration> + Send + Sync + 'static) {
        let read = move || age().map(|age| ((), age.as_secs_f64())).into_iter().collect();
        let help = "How old the rooms' views are";
        self.0.instruments.watched_gauge("onsale.gateway.room.view.age", "s", help, read);
    }

    /// How many schedules' seats are kept fresh.
    pub(crate) fn watch_seat_views(&self, count: impl Fn() -> Option<usize> + Send + Sync + 'static) {
        let read = move || count().map(|count| ((), number(count))).into_iter().collect();
        let help = "Schedules whose seats are kept fresh";
        self.0.instruments.watched_gauge("onsale.gateway.seat.views.watched", "", help, read);
    }

    /// How many copies of each service can be called, and how many cannot.
    pub(crate) fn watch_copies(
        &self,
        copies: impl Fn() -> Vec<(Service, (usize, usize))> + Send + Sync + 'static,
    ) {
        let read = move || {
            let states = copies().into_iter().flat_map(|(service, (up, down))| {
                [((service, CopyState::Up), number(up)), ((service, CopyState::Down), number(down))]
            });
            states.collect()
        };
        let help = "Copies of the services: up are those that say that they serve, and answer";
        self.0.instruments.watched_gauge("onsale.gateway.copies", "", help, read);
    }

    /// Counts a request as active for as long as the guard lives.
    pub(crate) fn active(&self) -> Within {
        self.0.active_requests.enter()
    }

    /// A request was answered with that status, and maybe that problem.
    pub(crate) fn request(
        &self,
        took: Duration,
        (method, route): (Method, Route),
        (status, problem): (u16, Option<ProblemType>),
    ) {
        self.0.requests.took(took, (method, route, StatusCode(status), ErrorType(problem)));
        let Some(problem) = problem else { return };
        self.0.problems.add(1, (problem, problem.kind()));
        if let Some(reason) = problem.gatekeeping() {
            self.0.refused.add(1, reason);
        }
    }

    pub(crate) fn token_refused(&self, error: TokenError) {
        self.0.tokens_refused.add(1, error.into());
    }

    pub(crate) fn token_given(&self, given: Given) {
        self.0.tokens.add(1, given);
    }

    pub(crate) fn status_answered(&self, from: AnsweredFrom, told: StatusTold) {
        self.0.status_answers.add(1, (from, told));
    }

    pub(crate) fn read(&self, resource: Resource, answer: ReadAnswer) {
        self.0.reads.add(1, (resource, answer));
    }

    pub(crate) fn view(&self, view: View, found: Found) {
        self.0.view_hits.add(1, (view, found));
    }

    /// What times the calls to the services.
    pub(crate) fn calls(&self) -> &ClientMetrics {
        &self.0.calls
    }

    pub(crate) fn call_retried(&self, service: Service) {
        self.0.calls_retried.add(1, service);
    }

    pub(crate) fn attempt_failed(&self, service: Service) {
        self.0.attempts_failed.add(1, service);
    }

    pub(crate) fn sync_failed(&self) {
        self.0.syncs_failed.add(1, ());
    }

    pub(crate) fn seats_read(&self, age: Duration) {
        self.0.seats_age.took(age, ());
    }

    pub(crate) fn seats_refused(&self) {
        self.0.seats_refused.add(1, ());
    }

    pub(crate) fn seats_encoded(&self) {
        self.0.seats_encoded.add(1, ());
    }

    pub(crate) fn seat_refresh_failed(&self) {
        self.0.seat_refreshes_failed.add(1, ());
    }

    pub(crate) fn joins_sent(&self, count: usize) {
        self.0.join_batch.record(number(count), ());
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
const fn number(count: usize) -> f64 {
    count as f64
}
