use std::env;

use super::{Folder, Secrets, StackOptions, options::nth};
use crate::{Service, ServiceOptions, StackError};

/// The setting of where spans are sent.
const RECEIVER: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Settings that the stack decides itself; every other one that the environment has is handed on.
const OWN: [&str; 11] = [
    "ONSALE_LISTEN",
    "ONSALE_OPS_LISTEN",
    "ONSALE_ADDRESS_FILE",
    "ONSALE_PROGRAMS",
    "ONSALE_POSTGRES_BIN",
    "ONSALE_REDIS_URL",
    "ONSALE_DATABASE_URL",
    "ONSALE_TOKEN_KEYS",
    "ONSALE_OPERATOR_KEY",
    "ONSALE_QUEUE_URLS",
    "ONSALE_CATALOG_URLS",
];

/// How each program of a stack is run.
pub(super) struct Plan<'a> {
    pub(super) folder: &'a Folder,
    pub(super) options: &'a StackOptions,
    pub(super) secrets: &'a Secrets,
    /// Where spans go.
    pub(super) traces: Option<&'a Service>,
}

impl Plan<'_> {
    pub(super) fn queue(&self, redis: &str) -> ServiceOptions {
        let queue = self.program("onsale-queue").env("ONSALE_REDIS_URL", redis);
        queue.env("ONSALE_TOKEN_KEYS", &self.secrets.token_keys)
    }

    pub(super) fn catalog(&self, database: &str) -> ServiceOptions {
        self.program("onsale-catalog").env("ONSALE_DATABASE_URL", database)
    }

    pub(super) fn gateway(&self, copy: u16, queues: &[Service], catalogs: &[Service]) -> ServiceOptions {
        let gateway = self
            .program("onsale-gateway")
            .env("ONSALE_QUEUE_URLS", urls(queues))
            .env("ONSALE_CATALOG_URLS", urls(catalogs))
            .env("ONSALE_TOKEN_KEYS", &self.secrets.token_keys)
            .env("ONSALE_OPERATOR_KEY", &self.secrets.operator_key);
        match self.options.listen {
            Some(first) => gateway.env("ONSALE_LISTEN", nth(first, copy).to_string()),
            None => gateway,
        }
    }

    /// Starts so many as were asked for, each with its number in its name.
    pub(super) async fn copies(
        &self,
        options: impl Fn(u16) -> ServiceOptions,
    ) -> Result<Vec<Service>, StackError> {
        let mut copies = Vec::new();
        for copy in 0..self.options.copies {
            let options = options(copy);
            let name = format!("{}-{}", options.label(), copy + 1);
            copies.push(Service::start(options.called(name)).await?);
        }
        Ok(copies)
    }

    /// What all programs have in common.
    fn program(&self, name: &str) -> ServiceOptions {
        let handed_on = env::vars().filter(|(name, _)| name.starts_with("ONSALE_"));
        let told = self.options.settings.iter().cloned();
        let settings = handed_on.chain(told).filter(|(name, _)| !OWN.contains(&name.as_str()));
        let receiver = self.traces.map(|traces| (RECEIVER.to_owned(), traces.url("grpc")));
        ServiceOptions::new(name).folder(self.folder.logs()).envs(settings).envs(receiver)
    }
}

fn urls(services: &[Service]) -> String {
    services.iter().map(|service| service.url("grpc")).collect::<Vec<_>>().join(",")
}
