//! Catalogs that run inside a test.

use std::{net::SocketAddr, time::Duration};

use clap::Parser as _;
use onsale_catalog::{Catalog, Config};
use onsale_process::{Config as _, Process, Shutdown};
use onsale_proto::catalog::v1::catalog_service_client::CatalogServiceClient;
use sqlx::{ConnectOptions as _, PgPool};
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

/// Longer than anything here takes, so that a test that waits in vain fails and does not hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A catalog that serves until it is stopped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) ops_address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    run: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Starts a catalog on the database of a test.
    pub(crate) async fn start(pool: &PgPool) -> Self {
        Self::start_with(&database_url(pool), &[]).await
    }

    /// Starts a catalog with further arguments.
    pub(crate) async fn start_with(database_url: &str, arguments: &[&str]) -> Self {
        let config = config(database_url, arguments);
        let process = Process::start(config.process(), "onsale-catalog").expect("telemetry");
        let catalog = Catalog::bind(config, process).await.expect("ports");
        let (address, ops_address) = (catalog.addr(), catalog.ops_addr());
        let shutdown = catalog.shutdown().clone();
        Self { address, ops_address, shutdown, run: tokio::spawn(catalog.run()) }
    }

    /// A client with a connection of its own.
    pub(crate) async fn client(&self) -> CatalogServiceClient<Channel> {
        CatalogServiceClient::new(self.channel().await).max_decoding_message_size(16 << 20)
    }

    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address))
            .expect("an address")
            .connect()
            .await
            .expect("the catalog listens")
    }

    /// Waits until `/readyz` gives that status, and tells what it said.
    pub(crate) async fn until_ready_is(&self, ready: bool) -> String {
        let wanted = if ready { 200 } else { 503 };
        tokio::time::timeout(PATIENCE, async {
            loop {
                let response =
                    reqwest::get(format!("http://{}/readyz", self.ops_address)).await.expect("ops port");
                let status = response.status().as_u16();
                let body = response.text().await.expect("a body");
                if status == wanted {
                    return body;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("readiness in time")
    }

    /// The value of a series of `/metrics`; none where there is no such series.
    pub(crate) async fn metric(&self, series: &str) -> Option<f64> {
        let text = reqwest::get(format!("http://{}/metrics", self.ops_address)).await.expect("ops port");
        let text = text.text().await.expect("a body");
        let mut lines = text.lines().filter_map(|line| line.rsplit_once(' '));
        let (_, value) = lines.find(|(name, _)| *name == series)?;
        Some(value.parse().expect("a number"))
    }

    /// Waits until a series has a value that is wanted.
    pub(crate) async fn until_metric(&self, series: &str, wanted: impl Fn(f64) -> bool) {
        let reached = async {
            while !self.metric(series).await.is_some_and(&wanted) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{series} in time"));
    }

    /// Stops it, and tells how it ended.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.begin();
        self.ended().await
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        tokio::time::timeout(PATIENCE, self.run).await.expect("an end in time").expect("no panic")
    }
}

/// The configuration of a catalog on free ports.
pub(crate) fn config(database_url: &str, arguments: &[&str]) -> Config {
    let own = ["onsale-catalog", "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--grace-seconds=20"];
    let database = format!("--database-url={database_url}");
    let all = own.into_iter().chain([database.as_str()]).chain(arguments.iter().copied());
    Config::try_parse_from(all).expect("right settings")
}

/// Where the database of a test is.
pub(crate) fn database_url(pool: &PgPool) -> String {
    pool.connect_options().to_url_lossy().to_string()
}
