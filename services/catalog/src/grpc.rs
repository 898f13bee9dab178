//! The catalog over gRPC: messages to questions, answers to messages, failures to status codes.

mod call;
mod convert;
mod deadline;
mod service;
mod status;

pub use call::Calls;
pub use service::CatalogGrpc;
