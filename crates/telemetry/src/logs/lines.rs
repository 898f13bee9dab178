use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context};

use crate::{Instruments, label};

label! {
    /// How grave what a line says is.
    enum LineLevel: "level" {
        /// Somebody has to look.
        Error = "error",
        /// Something is not as it should be, and is coped with.
        Warn = "warn",
        /// The program's own course.
        Info = "info",
        /// Each request.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

/// How many lines of each level a process has written. There is one log in a process; each program's instruments read
/// the counts.
#[derive(Debug, Default)]
pub(crate) struct LineCounts {
    error: AtomicU64,
    warn: AtomicU64,
    info: AtomicU64,
    debug: AtomicU64,
    trace: AtomicU64,
}

impl LineCounts {
    fn of(&self, level: Level) -> &AtomicU64 {
        if level == Level::ERROR {
            &self.error
        } else if level == Level::WARN {
            &self.warn
        } else if level == Level::INFO {
            &self.info
        } else if level == Level::DEBUG {
            &self.debug
        } else {
            &self.trace
        }
    }

    /// Has a program's instruments say them.
    pub(crate) fn be_watched(self: &Arc<Self>, instruments: &Instruments) {
        let counts = Arc::clone(self);
        instruments.watched_counter("onsale.log.lines", "", "Lines written to the log", move || {
            let levels = [
                (LineLevel::Error, &counts.error),
                (LineLevel::Warn, &counts.warn),
                (LineLevel::Info, &counts.info),
                (LineLevel::Debug, &counts.debug),
                (LineLevel::Trace, &counts.trace),
            ];
            levels.map(|(level, count)| (level, float(count))).to_vec()
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "a float is what a metric is")]
fn float(count: &AtomicU64) -> f64 {
    count.load(Ordering::Relaxed) as f64
}

/// Counts what its neighbour writes: both are behind one filter.
pub(super) struct LineCounter(pub(super) Arc<LineCounts>);

impl<S: Subscriber> Layer<S> for LineCounter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0.of(*event.metadata().level()).fetch_add(1, Ordering::Relaxed);
    }
}
