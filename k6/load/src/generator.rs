//! Who makes the load.

pub mod k6;
