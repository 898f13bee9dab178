//! Where a run takes place: what its figures are worth nothing without.

use std::{collections::BTreeMap, fs, process::Stdio, thread::available_parallelism};

use onsale_stack::{Target, procfs};
use tokio::process::Command;

use crate::results::Environment;

/// Looks at the machine, the programs and the stores.
pub async fn look(target: &Target) -> Environment {
    let copies = ["onsale-gateway-", "onsale-queue-", "onsale-catalog-"]
        .map(|name| target.processes.iter().filter(|process| process.name.starts_with(name)).count());
    let first = target.processes.iter().find(|process| process.name.starts_with("onsale-"));
    Environment {
        processor: field("/proc/cpuinfo", "model name"),
        processors: processors(),
        memory_bytes: memory(),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        commit: commit().await,
        copies,
        stores: stores(target).await,
        is_shared: !target.processes.is_empty(),
        servers_on: first.and_then(|process| procfs::affinity(process.pid)).unwrap_or_default(),
    }
}

/// How many processors there are.
#[must_use]
pub fn processors() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The processors of what is kept on these; all of them where none are named.
#[must_use]
pub fn allowed(pinned: &[usize]) -> Vec<usize> {
    if pinned.is_empty() { (0..processors()).collect() } else { pinned.to_vec() }
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn memory() -> u64 {
    let kilobytes = field("/proc/meminfo", "MemTotal");
    kilobytes.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or_default()
        * 1_024
}

async fn commit() -> String {
    said("git", &["describe", "--always", "--dirty", "--abbrev=12"]).await
}

/// Versions of the servers that the target runs, where they are on this machine.
async fn stores(target: &Target) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    for (store, word) in [("redis", "v="), ("postgres", "")] {
        let Some(process) = target.processes.iter().find(|process| process.name == store) else { continue };
        let program = format!("/proc/{}/exe", process.pid);
        let text = said(&program, &["--version"]).await;
        let version = text
            .split_whitespace()
            .find_map(|part| part.strip_prefix(word).filter(|rest| starts_with_digit(rest)));
        versions.insert(store.to_owned(), version.unwrap_or_default().to_owned());
    }
    versions
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

/// What a program says; nothing where it cannot be asked.
async fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    output.unwrap_or_default()
}
