//! What is measured of every program, whatever it does: the process, its runtime, and whether it is ready.

use std::time::Duration;

use onsale_telemetry::{Histogram, Instruments, Label, LabelValue};
use procfs::{WithCurrentSystemInfo as _, process::Process};
use tokio::{runtime::Handle, time::Instant};

use crate::Readiness;

/// How often the runtime's timers are tried.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A condition's name: a text of the program's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ConditionName(&'static str);

impl Label for ConditionName {
    const KEY: &'static str = "condition";

    fn value(self) -> LabelValue {
        self.0.into()
    }
}

/// Says of each condition whether it is met.
pub(crate) fn of_readiness(instruments: &Instruments, readiness: &Readiness) {
    let readiness = readiness.clone();
    instruments.watched_gauge("onsale.process.ready", "", "Whether a condition is met, 1 or 0", move || {
        let conditions = readiness.conditions().into_iter();
        conditions.map(|(name, met)| (ConditionName(name), f64::from(u8::from(met)))).collect()
    });
}

/// Says what the system knows of this process, by the names that Prometheus' own libraries use.
pub(crate) fn of_system(instruments: &Instruments) {
    let gauge = |name, unit, help, read: fn(&Process) -> Option<f64>| {
        instruments.watched_gauge(name, unit, help, move || said(read));
    };
    let cpu_help = "How long the process was on a processor, its ended threads included";
    instruments.watched_counter("process.cpu", "s", cpu_help, || said(cpu_seconds));
    gauge("process.resident_memory", "By", "Memory that the process has in RAM", |process| {
        Some(float(process.stat().ok()?.rss_bytes().get()))
    });
    gauge("process.open_fds", "", "Files and sockets that are open", |process| {
        process.fd_count().ok().map(|count| float(count as u64))
    });
    gauge("process.max_fds", "", "Files and sockets that may be open", |process| {
        match process.limits().ok()?.max_open_files.soft_limit {
            procfs::process::LimitValue::Value(most) => Some(float(most)),
            procfs::process::LimitValue::Unlimited => None,
        }
    });
    gauge("process.threads", "", "Threads of the process", |process| {
        process.stat().ok().and_then(|stat| u64::try_from(stat.num_threads).ok()).map(float)
    });
    gauge("process.start_time", "s", "When the process started, in seconds since 1970", start_seconds);
}

/// Nothing where the system does not tell: on the night a series that ends is better than a program that does.
fn said(read: impl Fn(&Process) -> Option<f64>) -> Vec<((), f64)> {
    let value = Process::myself().ok().and_then(|process| read(&process));
    value.map(|value| ((), value)).into_iter().collect()
}

fn cpu_seconds(process: &Process) -> Option<f64> {
    let stat = process.stat().ok()?;
    Some(float(stat.utime + stat.stime) / float(procfs::ticks_per_second()))
}

fn start_seconds(process: &Process) -> Option<f64> {
    let since_boot = float(process.stat().ok()?.starttime) / float(procfs::ticks_per_second());
    Some(float(procfs::boot_time_secs().ok()?) + since_boot)
}

/// Says what the runtime that this is called in does.
pub(crate) fn of_runtime(instruments: &Instruments) {
    let gauge = |name, help, read: fn(&Handle) -> usize| {
        let runtime = Handle::current();
        instruments.watched_gauge(name, "", help, move || vec![((), float(read(&runtime) as u64))]);
    };
    gauge("onsale.runtime.workers", "Threads that tasks run on", |runtime| runtime.metrics().num_workers());
    gauge("onsale.runtime.tasks", "Tasks that have not ended", |runtime| runtime.metrics().num_alive_tasks());
    gauge("onsale.runtime.queue_depth", "Tasks that wait for any worker", |runtime| {
        runtime.metrics().global_queue_depth()
    });
    let (runtime, help) = (Handle::current(), "How long the workers were busy, all added up");
    instruments.watched_counter("onsale.runtime.busy", "s", help, move || {
        let metrics = runtime.metrics();
        let busy = (0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker));
        vec![((), busy.sum::<Duration>().as_secs_f64())]
    });
}

/// Measures how late timers are, and goes on until it is dropped. A task that keeps its thread shows here, and so does
/// a machine that has no time for the program.
pub(crate) async fn poll_delays(instruments: Instruments) {
    let delays: Histogram<()> = instruments
        .durations("onsale.runtime.poll_delay", "How much later than asked a timer of the runtime fired");
    loop {
        let due = Instant::now() + POLL_INTERVAL;
        tokio::time::sleep_until(due).await;
        delays.took(due.elapsed(), ());
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a float is what a metric is, and 2^53 of anything is not seen"
)]
const fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
