//! Selling over gRPC.

mod convert;
mod digest;
mod service;

pub use service::SalesGrpc;
