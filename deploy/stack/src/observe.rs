//! What watches a running system: Prometheus, and what tells it of Redis, Postgres and the machine.

mod exporter;
mod prometheus;
mod scraping;
mod tools;

pub use exporter::Exporter;
pub use prometheus::{Prometheus, PrometheusOptions};
pub use scraping::ScrapeTarget;
