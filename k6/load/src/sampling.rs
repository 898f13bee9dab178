//! Writes down what processes use and where the room stands while a run goes on, each time that a tenth of its time so far has
//! passed: after 100 ms at first, and each second from the tenth second on.
//!
//! What is on the same machine is read from the kernel, so that it costs next to nothing and is exact; what a load test has
//! to tell about a machine elsewhere is in Prometheus.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use onsale_stack::{
    Running,
    operator::RoomWatch,
    procfs::{self, Usage},
};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

use crate::results::{Event, Machine, Process, Sample, What};

/// The shortest and the longest time from one sample to the next. A tenth of the time that has passed is between them, so that
/// a run of two seconds is seen as often as one of twenty.
const OFTEN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Unix milliseconds.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The processes that are sampled, which may be others after a fault. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub struct Watched(Arc<Mutex<Vec<Running>>>);

impl Watched {
    /// Watches these from now on.
    pub fn set(&self, processes: Vec<Running>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = processes;
    }

    /// Watches this one, too.
    pub fn add(&self, process: Running) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }

    fn now(&self) -> Vec<Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Samples that are being taken.
#[derive(Debug)]
pub struct Sampling {
    enough: oneshot::Sender<()>,
    task: JoinHandle<io::Result<Vec<Sample>>>,
}

impl Sampling {
    /// Begins, and writes each sample to `samples.jsonl` of the run's folder.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn begin(folder: &Path, watched: Watched, room: Option<Arc<RoomWatch>>) -> io::Result<Self> {
        let mut file = File::create(folder.join("samples.jsonl"))?;
        let (enough, mut is_enough) = oneshot::channel();
        let task = tokio::spawn(async move {
            let (began, mut samples) = (Instant::now(), Vec::new());
            let mut is_last = false;
            loop {
                let sample = take(began, &watched.now(), room.as_deref());
                writeln!(file, "{}", serde_json::to_string(&sample)?)?;
                samples.push(sample);
                if is_last {
                    return Ok(samples);
                }
                is_last = tokio::select! {
                    () = sleep((began.elapsed() / 10).clamp(OFTEN.0, OFTEN.1)) => false,
                    _ = &mut is_enough => true,
                };
            }
        });
        Ok(Self { enough, task })
    }

    /// Takes the last sample, and gives all.
    ///
    /// # Errors
    /// They could not be written.
    pub async fn end(self) -> io::Result<Vec<Sample>> {
        // It waits for nothing else, unless it has failed, which it says itself.
        let _ = self.enough.send(());
        self.task.await.map_err(io::Error::other)?
    }
}

fn take(began: Instant, watched: &[Running], room: Option<&RoomWatch>) -> Sample {
    let watched: Vec<_> = watched.iter().filter(|process| process.runs()).collect();
    let pids: Vec<_> = watched.iter().map(|process| process.pid).collect();
    let usages = watched.iter().zip(procfs::usage_of_families(&pids));
    let processes = usages.filter_map(|(process, usage)| Some((short(&process.name), used(&usage?))));
    Sample {
        at: now(),
        since_start_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        processes: processes.collect::<BTreeMap<_, _>>(),
        machine: machine(),
        room: room.and_then(|room| room.seen().latest.as_ref().map(Into::into)),
    }
}

/// Programs are told by what they do.
fn short(name: &str) -> String {
    name.strip_prefix("onsale-").unwrap_or(name).to_owned()
}

fn used(usage: &Usage) -> Process {
    Process {
        cpu_seconds: usage.cpu.as_secs_f64(),
        resident_bytes: usage.resident_bytes(),
        delay_seconds: usage.run_delay.as_secs_f64(),
    }
}

fn machine() -> Machine {
    let machine = procfs::machine().unwrap_or_default();
    Machine {
        busy_seconds: machine.busy.as_secs_f64(),
        stolen_seconds: machine.stolen.as_secs_f64(),
        total_seconds: machine.total.as_secs_f64(),
    }
}

/// Notes an event in `events.jsonl` of a run's folder.
///
/// # Errors
/// The file cannot be written.
pub fn note(folder: &Path, at: u64, what: What, name: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("events.jsonl"))?;
    writeln!(file, "{}", serde_json::to_string(&Event { at, what, name: name.to_owned() })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn samples_are_kept_to_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let this = i32::try_from(std::process::id()).unwrap();
        let watched = Watched::default();
        watched.set(vec![Running::now("onsale-gateway-1", this).unwrap()]);
        let sampling = Sampling::begin(folder.path(), watched, None).unwrap();
        let samples = sampling.end().await.unwrap();
        assert!(samples.iter().all(|sample| sample.processes["gateway-1"].resident_bytes > 0));
        let kept = std::fs::read_to_string(folder.path().join("samples.jsonl")).unwrap();
        let kept: Vec<Sample> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(kept, samples);
    }
}
