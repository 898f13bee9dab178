//! Whether the load test tells good from bad: faults are planted, and it has to name each. Its scripts are read by both
//! versions of k6 that they are for, and its board is asked while it runs.
//!
//! Needs the programs built, and both k6 under `.onsale/tools`, which `deploy/test` sees to.

#![cfg(test)]

mod board;
mod calls;
mod generator;
mod overload;
mod oversold;
mod planted;
mod proxy;
mod run;
mod scripts;
mod spoil;
mod starved;
mod versions;
mod world;
