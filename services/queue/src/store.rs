//! Where rooms are kept.

pub mod redis;
