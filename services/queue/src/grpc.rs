//! The waiting rooms over gRPC: messages to use cases, answers to messages, errors to status codes.

mod admin;
mod convert;
mod line;
mod status;

pub use admin::RoomAdminGrpc;
pub use line::QueueGrpc;
