//! What Linux tells of processes and of the machine, and where a process may run.
//!
//! `None` stands for a process that there is not: one that has ended and waits for its parent to notice is none.

use std::time::Duration;

use ::procfs::process::{Process, Stat, all_processes};

mod affinity;
mod machine;
mod usage;

pub use affinity::{affinity, set_affinity};
pub use machine::{Machine, machine};
pub use usage::{Usage, usage, usage_of_families, usage_of_family};

/// When a process started, in clock ticks since the machine did.
///
/// Together with the id this names a process for good: ids are used again, and a file that remembers one may be
/// older than the process that has it.
#[must_use]
pub fn start_time(pid: i32) -> Option<u64> {
    running(pid).map(|stat| stat.starttime)
}

/// How long a process has been on a processor, its ended threads included. Steps of 10 ms: measure over seconds.
#[must_use]
pub fn cpu_time(pid: i32) -> Option<Duration> {
    running(pid).map(|stat| duration(stat.utime + stat.stime))
}

/// The processes that this one started and that have not ended.
#[must_use]
pub fn children_of(pid: i32) -> Vec<i32> {
    every_stat().iter().filter(|stat| stat.ppid == pid && runs(stat)).map(|stat| stat.pid).collect()
}

/// A process with those that it started, those that they started, and so on: Postgres is a process per connection.
/// None when it has ended.
#[must_use]
pub fn processes_of(pid: i32) -> Vec<i32> {
    family(pid, &mut every_stat()).iter().filter(|stat| runs(stat)).map(|stat| stat.pid).collect()
}

/// The same with those that wait for their parent to notice that they have ended, out of all that there are; empty
/// when the first has.
fn family(pid: i32, others: &mut Vec<Stat>) -> Vec<Stat> {
    let mut family: Vec<Stat> = others.extract_if(.., |stat| stat.pid == pid && runs(stat)).collect();
    let mut known = 0;
    while let Some(parent) = family.get(known).map(|stat| stat.pid) {
        family.extend(others.extract_if(.., |stat| stat.ppid == parent));
        known += 1;
    }
    family
}

fn every_stat() -> Vec<Stat> {
    // One may end between being named and being looked at.
    all_processes().into_iter().flatten().filter_map(|process| process.ok()?.stat().ok()).collect()
}

fn running(pid: i32) -> Option<Stat> {
    Process::new(pid).ok()?.stat().ok().filter(runs)
}

fn runs(stat: &Stat) -> bool {
    !matches!(stat.state, 'Z' | 'X')
}

/// A number of clock ticks.
fn duration(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1_000 / ::procfs::ticks_per_second().max(1))
}

#[cfg(test)]
mod tests;
