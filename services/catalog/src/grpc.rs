//! The catalog over gRPC: messages to questions, answers to messages, failures to status codes.

mod convert;
mod sales;
mod seat_view;
mod service;
mod status;

pub use sales::SalesGrpc;
pub use seat_view::SeatViewGrpc;
pub use service::CatalogGrpc;
