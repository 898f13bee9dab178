use std::time::Instant;

use onsale_telemetry::{Label as _, StoreFault, StoreMetrics};
use tracing::Span;

use super::Statement;

/// A statement that is being asked: it has its span, and is timed and noted in both when this is dropped, however it
/// ended. Until something else is said, whoever asked has gone away.
pub(super) struct Asked<'a> {
    metrics: &'a StoreMetrics,
    name: &'static str,
    span: Span,
    sent_at: Instant,
    fault: StoreFault,
}

impl<'a> Asked<'a> {
    pub(super) fn new(metrics: &'a StoreMetrics, statement: Statement) -> Self {
        let (name, span) = (statement.name, statement.span());
        Self { metrics, name, span, sent_at: Instant::now(), fault: StoreFault::Abandoned }
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Its connection is there. What is timed begins now: the wait for a connection is counted apart.
    pub(super) fn sent(&mut self) -> Instant {
        self.sent_at = Instant::now();
        self.sent_at
    }

    /// It is answered, with so many rows where that is known, or it failed.
    pub(super) fn ended(&mut self, rows: Option<usize>, fault: StoreFault) {
        self.fault = fault;
        if let Some(rows) = rows {
            self.span.record("db.response.returned_rows", rows);
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.metrics.ended(self.name, self.fault, self.sent_at.elapsed());
        if self.fault != StoreFault::None {
            let kind = self.fault.value();
            self.span.record("otel.status_code", "error").record("error.type", &*kind.as_str());
        }
    }
}
