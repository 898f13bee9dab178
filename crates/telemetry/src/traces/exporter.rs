use std::{future::Future, sync::Arc, time::Duration};

use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use super::counts::SpanCounts;

/// Exports, and counts what became of it.
#[derive(Debug)]
pub(super) struct CountingExporter<E> {
    exporter: E,
    counts: Arc<SpanCounts>,
}

impl<E> CountingExporter<E> {
    pub(super) const fn new(exporter: E, counts: Arc<SpanCounts>) -> Self {
        Self { exporter, counts }
    }
}

impl<E: SpanExporter> SpanExporter for CountingExporter<E> {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let spans = batch.len();
        self.counts.leave(spans);
        let export = self.exporter.export(batch);
        async move {
            let outcome = export.await;
            self.counts.exported(spans, outcome.is_ok());
            outcome
        }
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
