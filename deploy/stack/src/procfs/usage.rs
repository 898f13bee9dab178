use std::{iter::Sum, ops::Add, time::Duration};

use ::procfs::{
    WithCurrentSystemInfo as _,
    process::{Process, Stat},
};

use super::{duration, every_stat, family, running};

/// What a process has had of the machine since it started, and has of it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How long it was on a processor, its ended threads included, in steps of 10 ms.
    pub cpu: Duration,
    /// Its memory in RAM. What processes share is counted for each of them.
    pub resident_bytes: u64,
    /// How long its threads were ready to run and were not let. Falls when a thread ends, whose time goes with it.
    pub run_delay: Duration,
    /// How many threads it has.
    pub threads: u64,
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
    Usage {
        cpu: Duration::ZERO,
        resident_bytes: stat.rss_bytes().get(),
        run_delay: run_delay(stat.pid),
        threads: u64::try_from(stat.num_threads).unwrap_or_default(),
    }
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
            resident_bytes: self.resident_bytes + other.resident_bytes,
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
