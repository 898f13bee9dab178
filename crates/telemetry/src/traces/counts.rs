use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use crate::{Instruments, label};

label! {
    /// Why a span was dropped that should have been exported.
    pub(super) enum DropReason: "reason" {
        /// Too many wait to be exported.
        QueueFull = "queue_full",
        /// Whoever takes them did not.
        ExportFailed = "export_failed",
        /// There were too many errors and slow ones in this second.
        TooMany = "too_many",
    }
}

label! {
    /// How an export ended.
    enum ExportOutcome: "outcome" {
        /// The spans were taken.
        Done = "done",
        /// They were not.
        Failed = "failed",
    }
}

/// What became of the spans of a process.
///
/// Counted without OpenTelemetry's instruments, since spans are there once in a process and instruments once in a
/// program; each program's instruments read them.
#[derive(Debug, Default)]
pub(crate) struct SpanCounts {
    /// How many wait to be exported.
    waiting: AtomicUsize,
    exported: AtomicU64,
    exports_done: AtomicU64,
    exports_failed: AtomicU64,
    queue_full: AtomicU64,
    export_failed: AtomicU64,
    too_many: AtomicU64,
}

impl SpanCounts {
    /// Takes a place among the spans that wait, if one of so many is free.
    pub(super) fn wait(&self, places: usize) -> bool {
        let waiting = self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
            (waiting < places).then_some(waiting + 1)
        });
        waiting.is_ok()
    }

    /// So many wait no longer: they are being exported.
    pub(super) fn leave(&self, spans: usize) {
        self.waiting.fetch_sub(spans, Ordering::AcqRel);
    }

    /// So many were exported, or were not.
    pub(super) fn exported(&self, spans: usize, taken: bool) {
        let spans = spans as u64;
        if taken {
            self.exports_done.fetch_add(1, Ordering::Relaxed);
            self.exported.fetch_add(spans, Ordering::Relaxed);
        } else {
            self.exports_failed.fetch_add(1, Ordering::Relaxed);
            self.of(DropReason::ExportFailed).fetch_add(spans, Ordering::Relaxed);
        }
    }

    /// One was dropped.
    pub(super) fn dropped(&self, reason: DropReason) {
        self.of(reason).fetch_add(1, Ordering::Relaxed);
    }

    const fn of(&self, reason: DropReason) -> &AtomicU64 {
        match reason {
            DropReason::QueueFull => &self.queue_full,
            DropReason::ExportFailed => &self.export_failed,
            DropReason::TooMany => &self.too_many,
        }
    }

    /// Has a program's instruments say them.
    pub(crate) fn be_watched(self: &Arc<Self>, instruments: &Instruments) {
        let counts = Arc::clone(self);
        let help = "Spans that were taken by whoever is configured to get them";
        instruments.watched_counter("onsale.telemetry.spans.exported", "", help, move || {
            vec![((), float(&counts.exported))]
        });
        let counts = Arc::clone(self);
        let help = "Spans that should have been exported and are lost";
        instruments.watched_counter("onsale.telemetry.spans.dropped", "", help, move || {
            let reasons = [DropReason::QueueFull, DropReason::ExportFailed, DropReason::TooMany];
            reasons.map(|reason| (reason, float(counts.of(reason)))).to_vec()
        });
        let counts = Arc::clone(self);
        let help = "Attempts to export spans, by how they ended";
        instruments.watched_counter("onsale.telemetry.exports", "", help, move || {
            let (done, failed) = (float(&counts.exports_done), float(&counts.exports_failed));
            vec![(ExportOutcome::Done, done), (ExportOutcome::Failed, failed)]
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "a float is what a metric is")]
fn float(count: &AtomicU64) -> f64 {
    count.load(Ordering::Relaxed) as f64
}
