//! Runs Onsale on this machine: see `onsale-stack --help`.

fn main() {}
