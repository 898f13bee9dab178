//! The catalog over gRPC: messages to questions, answers to messages, failures to status codes.

mod convert;
mod service;
mod status;

pub use service::CatalogGrpc;
