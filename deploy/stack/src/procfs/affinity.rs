use std::collections::BTreeSet;

use ::procfs::process::Process;
use nix::{
    errno::Errno,
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

use crate::StackError;

/// A thread that was not seen may have started others. One that was set hands it on, so that a few rounds see all.
const ROUNDS: usize = 16;

/// Lets all threads of a process run on these processors only, and on no others, counted from 0. Threads and processes
/// that they start afterwards are bound likewise; those that it has started are not, which [`processes_of`] names.
///
/// [`processes_of`]: super::processes_of
///
/// # Errors
/// There is no such process, or none of the processors is there.
pub fn set_affinity(pid: i32, cpus: &[usize]) -> Result<(), StackError> {
    set(pid, cpus).map_err(|error| StackError::System {
        name: format!("process {pid}"),
        action: "say where it may run",
        source: error.into(),
    })
}

fn set(pid: i32, cpus: &[usize]) -> nix::Result<()> {
    let mut allowed = CpuSet::new();
    cpus.iter().try_for_each(|cpu| allowed.set(*cpu))?;
    let mut known = BTreeSet::new();
    for _ in 0..ROUNDS {
        let before = known.len();
        for thread in threads(pid) {
            if known.insert(thread) {
                match sched_setaffinity(Pid::from_raw(thread), &allowed) {
                    // It has ended meanwhile.
                    Ok(()) | Err(Errno::ESRCH) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if known.len() == before {
            break;
        }
    }
    if known.is_empty() { Err(Errno::ESRCH) } else { Ok(()) }
}

fn threads(pid: i32) -> Vec<i32> {
    let threads = Process::new(pid).and_then(|process| process.tasks()).into_iter().flatten();
    threads.filter_map(|thread| thread.ok().map(|thread| thread.tid)).collect()
}

/// The processors that the first thread of a process may run on.
#[must_use]
pub fn affinity(pid: i32) -> Option<Vec<usize>> {
    // No id is this process's, to the system.
    let allowed = (pid > 0).then(|| sched_getaffinity(Pid::from_raw(pid)).ok()).flatten()?;
    Some((0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu) == Ok(true)).collect())
}
