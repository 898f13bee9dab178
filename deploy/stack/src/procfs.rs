//! What Linux tells of processes.

use std::{fs, time::Duration};

/// How many clock ticks a second the kernel counts in what it tells programs: `USER_HZ`, 100 on every
/// architecture that Linux supports today (`man 5 proc`, `man 7 time`).
const TICKS_PER_SECOND: u64 = 100;

/// When a process started, in clock ticks since the machine did; `None` when there is no such process.
///
/// Together with the id this names a process for good: ids are used again, and a file that remembers one may be
/// older than the process that has it.
#[must_use]
pub fn start_time(pid: i32) -> Option<u64> {
    stat(pid).map(|stat| stat.start_time)
}

/// How long a process has been on a processor, its ended threads included; `None` when there is no such process.
/// Steps of 10 ms: measure over seconds.
#[must_use]
pub fn cpu_time(pid: i32) -> Option<Duration> {
    stat(pid).map(|stat| Duration::from_millis(stat.cpu_ticks * 1_000 / TICKS_PER_SECOND))
}

/// The processes that this one started and that have not ended.
#[must_use]
pub fn children_of(pid: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|child| stat(*child).is_some_and(|stat| stat.parent == pid)).collect()
}

struct Stat {
    parent: i32,
    start_time: u64,
    /// In user and in system mode.
    cpu_ticks: u64,
}

fn stat(pid: i32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse(text: &str) -> Option<Stat> {
    // The name in parentheses may hold anything, so that the fields are counted from its end: state, parent, …
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    // A process that has ended and waits for its parent to notice is none any more.
    if *fields.first()? == "Z" {
        return None;
    }
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        start_time: number(19)?,
        cpu_ticks: number(11)? + number(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let stat = parse("7 (a) b (c)) S 3 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9").unwrap();
        assert_eq!((stat.parent, stat.start_time, stat.cpu_ticks), (3, 4711, 5 + 6));
    }

    #[test]
    fn work_takes_processor_time() {
        let me = i32::try_from(std::process::id()).unwrap();
        let before = cpu_time(me).unwrap();
        while cpu_time(me).unwrap() == before {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn this_process_is_a_child_of_its_parent() {
        let me = i32::try_from(std::process::id()).unwrap();
        let parent = stat(me).unwrap().parent;
        assert!(children_of(parent).contains(&me));
        assert!(start_time(me).is_some());
    }
}
