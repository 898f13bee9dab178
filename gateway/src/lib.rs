//! Onsale's REST gateway.
//!
//! It turns REST into gRPC and keeps no truth of its own: whatever it holds can be rebuilt by asking. It runs in as
//! many copies as wanted, each of which balances its calls over the copies of the services that it is told of.
//!
//! - [`http`] takes requests and gives answers: one resource a file, one stack of layers, one table of problems.
//! - [`rooms`] knows where visitors stand. It pulls every room's view from the queue several times a second and
//!   answers those who wait from it, without a call; only called visitors are the queue's to answer.
//! - [`seats`] knows which seats can be had. It pulls a view of each schedule that somebody reads from the catalog,
//!   and serves no seats that are older than a bound.
//! - [`selling`] says who may hold seats; the catalog says which.
//! - [`identity`] knows who asks.
//! - [`upstream`] calls the services: which copy, how long, whether again.
//!
//! [`Gateway::bind`] opens the port, [`Gateway::run`] serves; [`serve`] is both, for `main`.

mod catalog;
mod clock;
mod config;
mod failure;
mod gateway;
mod http;
mod identity;
mod metrics;
mod rooms;
mod seats;
mod selling;
mod upstream;

use onsale_process::Process;

pub use config::{GatewayConfig, IdentityConfig, IdentityMode, JwksSource, LimitsConfig, SeatsConfig};
pub use gateway::{Gateway, StartError};
pub use http::openapi;
pub use identity::SourceError;
pub use upstream::ConnectError;

/// The program: binds, announces where, serves until it is told to stop.
///
/// # Errors
/// A port is taken, or something that a setting names cannot be read.
pub async fn serve(config: GatewayConfig, process: Process) -> anyhow::Result<()> {
    if config.identity.mode == IdentityMode::Trusted && !config.listen.ip().is_loopback() {
        tracing::warn!(listen = %config.listen, "users are taken as given: nobody but the site's backend may reach this");
    }
    let gateway = Gateway::bind(&config, &process).await?;
    process.open_ops().await?;
    process.announce(&[("http", gateway.address())]).await?;
    gateway.run(process.shutdown().clone()).await;
    Ok(())
}
