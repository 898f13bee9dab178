//! Runs load tests, see `onsale-load --help`.

fn main() {}
