use std::{iter::Sum, ops::Add, time::Duration};

use ::procfs::process::{Process, Stat};

use super::{duration, every_stat, family, running};

/// What a process has had of the machine since it started, and has of it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How long it was on a processor, its ended threads included, in steps of 10 ms.
    pub cpu: Duration,
    /// Its memory in RAM that no file and no other process backs.
    pub own_bytes: u64,
    /// Its memory in RAM that others may use too: programs, libraries, buffers. Of several processes the most that one has,
    /// since they mostly share it; so a Postgres is not counted once for each connection.
    pub shared_bytes: u64,
    /// How long its threads were ready to run and were not let. Falls when a thread ends, whose time goes with it.
    pub run_delay: Duration,
    /// How many threads it has.
    pub threads: u64,
}

impl Usage {
    /// All memory in RAM.
    #[must_use]
    pub const fn resident_bytes(&self) -> u64 {
        self.own_bytes + self.shared_bytes
    }
}

/// Of a process alone.
#[must_use]
pub fn usage(pid: i32) -> Option<Usage> {
    let stat = running(pid)?;
    Some(Usage { cpu: duration(stat.utime + stat.stime), ..now(&stat) })
}

/// Of a process and all that it started, and so on. The time of those that have ended is in it, so that it does not
/// fall when one does.
#[must_use]
pub fn usage_of_family(pid: i32) -> Option<Usage> {
    usage_of_families(&[pid]).pop().flatten()
}

/// The same of several that did not start each other. It looks at every process of the machine once, however many are
/// asked for.
#[must_use]
pub fn usage_of_families(pids: &[i32]) -> Vec<Option<Usage>> {
    let mut others = every_stat();
    let of = |stat: &Stat| {
        let ended = u64::try_from(stat.cutime + stat.cstime).unwrap_or_default();
        Usage { cpu: duration(stat.utime + stat.stime + ended), ..now(stat) }
    };
    let families = pids.iter().map(|pid| family(*pid, &mut others));
    families.map(|family| (!family.is_empty()).then(|| family.iter().map(of).sum())).collect()
}

/// What does not add up over time, without the processor's.
fn now(stat: &Stat) -> Usage {
    let (own_bytes, shared_bytes) = memory(stat.pid).unwrap_or_default();
    Usage {
        cpu: Duration::ZERO,
        own_bytes,
        shared_bytes,
        run_delay: run_delay(stat.pid),
        threads: u64::try_from(stat.num_threads).unwrap_or_default(),
    }
}

/// What is its own, and what it shares; `proc_pid_status(5)`. Nothing of one that has ended meanwhile.
fn memory(pid: i32) -> Option<(u64, u64)> {
    let status = Process::new(pid).and_then(|process| process.status()).ok()?;
    let bytes = |kilobytes: Option<u64>| 1_024 * kilobytes.unwrap_or_default();
    Some((bytes(status.rssanon), bytes(status.rssfile) + bytes(status.rssshmem)))
}

fn run_delay(pid: i32) -> Duration {
    let threads = Process::new(pid).and_then(|process| process.tasks()).into_iter().flatten();
    // One may end between being named and being looked at.
    let delays = threads.filter_map(|thread| Some(thread.ok()?.schedstat().ok()?.run_delay));
    Duration::from_nanos(delays.sum())
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            own_bytes: self.own_bytes + other.own_bytes,
            shared_bytes: self.shared_bytes.max(other.shared_bytes),
            run_delay: self.run_delay + other.run_delay,
            threads: self.threads + other.threads,
        }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::default(), Add::add)
    }
}
