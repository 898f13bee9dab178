use std::{
    process::{Child, Command},
    thread,
};

use super::*;

fn this() -> i32 {
    i32::try_from(std::process::id()).unwrap()
}

/// A process, killed when dropped.
struct Started(Child);

impl Started {
    fn shell(script: &str) -> Self {
        Self(Command::new("sh").arg("-c").arg(script).spawn().unwrap())
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Looks until it holds; a test that it never does in is ended by who runs it.
fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn work_takes_processor_time() {
    let (before, machine_before) = (cpu_time(this()).unwrap(), machine().unwrap());
    while cpu_time(this()).unwrap() < before + Duration::from_millis(50) {
        std::hint::spin_loop();
    }
    let now = machine().unwrap();
    assert!(now.busy > machine_before.busy && now.total > machine_before.total);
    assert!(now.busy + now.stolen <= now.total);
}

#[test]
fn this_process_is_a_child_of_its_parent() {
    let parent = running(this()).unwrap().ppid;
    assert!(children_of(parent).contains(&this()));
    assert!(start_time(this()).is_some());
}

#[test]
fn one_that_has_ended_is_none_though_nobody_has_noticed() {
    let mut started = Command::new("true").spawn().unwrap();
    let pid = i32::try_from(started.id()).unwrap();
    until(|| start_time(pid).is_none());
    assert!(Process::new(pid).unwrap().stat().is_ok(), "it waits to be noticed");
    assert_eq!((cpu_time(pid), usage(pid), usage_of_family(pid)), (None, None, None));
    assert!(processes_of(pid).is_empty() && !children_of(this()).contains(&pid));
    started.wait().unwrap();
    assert_eq!(affinity(pid), None);
    assert!(set_affinity(pid, &[0]).is_err());
}

#[test]
fn a_family_is_of_all_generations_and_keeps_the_time_of_those_that_ended() {
    // A child that works and ends, then a child and a grandchild that stay.
    let script = "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; sh -c 'sleep 600 & wait' & wait";
    let family = Started::shell(script);
    until(|| processes_of(family.pid()).len() == 3);
    let rest = processes_of(family.pid());

    let (alone, all) = (usage(family.pid()).unwrap(), usage_of_family(family.pid()).unwrap());
    assert_eq!((alone.threads, all.threads), (1, 3));
    assert!(all.own_bytes > alone.own_bytes && alone.own_bytes > 0);
    assert!(
        all.shared_bytes >= alone.shared_bytes && all.shared_bytes < 2 * alone.shared_bytes,
        "counted once"
    );
    let (now, kept): (Duration, _) = (rest.iter().map(|pid| cpu_time(*pid).unwrap()).sum(), all.cpu);
    assert!(kept > now, "{kept:?} of all, {now:?} of those that run");

    let both = usage_of_families(&[family.pid(), i32::MAX]);
    assert_eq!((both.len(), both[0].map(|all| all.threads), both[1]), (2, Some(3), None));

    for pid in rest.into_iter().filter(|pid| *pid != family.pid()) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).unwrap();
    }
}

#[test]
fn threads_are_counted_and_bound_one_by_one() {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let before = usage(this()).unwrap().threads;
    let waiting = thread::spawn(move || ended.recv());
    until(|| usage(this()).unwrap().threads == before + 1);

    let all = affinity(this()).unwrap();
    set_affinity(this(), &all[..1]).unwrap();
    let threads = Process::new(this()).unwrap().tasks().unwrap();
    for thread in threads {
        assert_eq!(affinity(thread.unwrap().tid).unwrap(), all[..1]);
    }
    set_affinity(this(), &all).unwrap();
    assert_eq!(affinity(this()).unwrap(), all);
    assert!(set_affinity(this(), &[]).is_err(), "it has to run somewhere");

    drop(end);
    waiting.join().unwrap().unwrap_err();
}

#[test]
fn who_shares_a_processor_with_one_that_spins_waits_for_it() {
    let spin = "while :; do :; done";
    let (one, other) = (Started::shell(spin), Started::shell(spin));
    let cpu = affinity(this()).unwrap()[0];
    for pid in [one.pid(), other.pid()] {
        set_affinity(pid, &[cpu]).unwrap();
        assert_eq!(affinity(pid).unwrap(), [cpu]);
    }
    let delays = || [one.pid(), other.pid()].map(|pid| usage(pid).unwrap().run_delay);
    let before = delays();
    until(|| delays().iter().zip(before).all(|(now, before)| *now > before + Duration::from_millis(100)));
    // One that asks for nothing waits for nothing.
    let idle = Started::shell("exec sleep 600");
    set_affinity(idle.pid(), &[cpu]).unwrap();
    until(|| running(idle.pid()).is_some_and(|stat| stat.comm == "sleep" && stat.state == 'S'));
    let (idle_before, before) = (usage(idle.pid()).unwrap().run_delay, delays()[0]);
    until(|| delays()[0] > before + Duration::from_millis(200));
    let waited = usage(idle.pid()).unwrap().run_delay.saturating_sub(idle_before);
    assert!(waited < Duration::from_millis(200), "{waited:?}");
}
