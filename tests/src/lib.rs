//! What tests read of the project's own files: Grafana's boards, and the inventory of metrics that they are held to.

pub mod boards;
pub mod inventory;
