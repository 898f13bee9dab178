//! The gateway as a process of its own, since its log and its spans are the whole process's.

use onsale_stack::{Service, ServiceOptions};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::{
    collector::Collector, fake_catalog::FakeCatalog, fake_queue::FakeQueue, peer::Peer, world::KEYS,
};

/// A gateway between a client, the peers and a collector of spans.
pub(crate) struct Program {
    pub(crate) queue: FakeQueue,
    pub(crate) catalog: FakeCatalog,
    pub(crate) collector: Collector,
    service: Service,
    client: Client,
    _peers: [Peer; 2],
}

impl Program {
    /// Ready, and keeping no trace but those that a caller wants kept.
    pub(crate) async fn start(log: &str) -> Self {
        let (queue, catalog) = (FakeQueue::open(), FakeCatalog::default());
        let peers = [Peer::start(queue.routes()).await, Peer::start(catalog.routes()).await];
        let (collector, endpoint) = Collector::start().await;
        let options = ServiceOptions::new("onsale-gateway")
            .program(env!("CARGO_BIN_EXE_onsale-gateway"))
            .env("ONSALE_QUEUE_URLS", peers[0].url().to_string())
            .env("ONSALE_CATALOG_URLS", peers[1].url().to_string())
            .env("ONSALE_TOKEN_KEYS", KEYS)
            .env("ONSALE_LOG", log)
            // At 0 it would keep none at all.
            .env("ONSALE_TRACE_RATIO", "0.000000001")
            .env("ONSALE_TRACE_SLOW_MS", "600000")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        let mut service = Service::start(options).await.unwrap();
        service.until_ready().await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { queue, catalog, collector, service, client, _peers: peers }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.service.url("http")))
    }

    /// Ends the gateway, which sends what spans it has. The lines of its log.
    pub(crate) async fn end(mut self) -> (Collector, Vec<Value>) {
        self.service.stop().await.unwrap();
        let log = std::fs::read_to_string(self.service.log()).unwrap();
        (self.collector, log.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }
}
