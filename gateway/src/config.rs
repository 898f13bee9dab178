use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::http::Uri;
use onsale_process::{Config, ProcessConfig};
use onsale_token::Keyring;
use secrecy::SecretString;

pub use identity::{IdentityConfig, IdentityMode, JwksSource};
pub use limits::LimitsConfig;
pub use seats::SeatsConfig;

mod identity;
mod limits;
mod seats;
mod values;

use values::{operator_key, upstream};

/// How many copies of one service a gateway balances over at most.
pub(crate) const MAX_COPIES: usize = 64;

/// What the gateway can be told.
#[derive(clap::Parser, Clone, Debug)]
#[command(name = "onsale-gateway", version, about = "Onsale's REST gateway")]
pub struct GatewayConfig {
    /// Where to serve HTTP
    #[arg(long, env = "ONSALE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Every copy of the queue service, separated by commas
    #[arg(long, env = "ONSALE_QUEUE_URLS", value_delimiter = ',', value_parser = upstream, required = true)]
    pub queue_urls: Vec<Uri>,

    /// Every copy of the catalog service, separated by commas
    #[arg(long, env = "ONSALE_CATALOG_URLS", value_delimiter = ',', value_parser = upstream, required = true)]
    pub catalog_urls: Vec<Uri>,

    /// A PEM file with the certificate authorities that https copies are checked against
    #[arg(long, env = "ONSALE_UPSTREAM_CA")]
    pub upstream_ca: Option<PathBuf>,

    /// The keys that queue tokens are signed with, `kid:base64` separated by commas; the queue service has the same
    #[arg(long, env = "ONSALE_TOKEN_KEYS", hide_env_values = true)]
    pub token_keys: SecretString,

    /// How long a queue token is accepted after it was made, in hours; the queue service has the same
    #[arg(long, env = "ONSALE_TOKEN_MAX_AGE_HOURS", default_value_t = 72, value_parser = clap::value_parser!(u64).range(1..=8760))]
    pub token_max_age_hours: u64,

    /// What operators show as Bearer, 16 characters at least; without it there is no admin API
    #[arg(long, env = "ONSALE_OPERATOR_KEY", hide_env_values = true, value_parser = operator_key)]
    pub operator_key: Option<SecretString>,

    /// Who is asking.
    #[command(flatten)]
    pub identity: IdentityConfig,

    /// Bounds and intervals.
    #[command(flatten)]
    pub limits: LimitsConfig,

    /// Seats and schedules as they are shown.
    #[command(flatten)]
    pub seats: SeatsConfig,

    /// The settings that every program has.
    #[command(flatten)]
    pub process: ProcessConfig,
}

impl GatewayConfig {
    /// A gateway over these copies with everything else as it is by default, on ports of its own choice:
    /// meant for tests and tools.
    #[must_use]
    pub fn over(queue_urls: Vec<Uri>, catalog_urls: Vec<Uri>, token_keys: SecretString) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            queue_urls,
            catalog_urls,
            upstream_ca: None,
            token_keys,
            token_max_age_hours: 72,
            operator_key: None,
            identity: IdentityConfig::default(),
            limits: LimitsConfig::default(),
            seats: SeatsConfig::default(),
            process: ProcessConfig::default(),
        }
    }

    /// The keys that check queue tokens.
    ///
    /// # Errors
    /// One line that names the variable.
    pub(crate) fn keyring(&self) -> Result<Keyring, String> {
        Keyring::parse(&self.token_keys, Duration::from_hours(self.token_max_age_hours))
            .map_err(|error| format!("wrong value for ONSALE_TOKEN_KEYS (--token-keys): {error}"))
    }
}

impl Config for GatewayConfig {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }

    fn check(&self) -> Result<(), String> {
        self.keyring()?;
        for (variable, urls) in
            [("ONSALE_QUEUE_URLS", &self.queue_urls), ("ONSALE_CATALOG_URLS", &self.catalog_urls)]
        {
            if urls.is_empty() || urls.len() > MAX_COPIES {
                return Err(format!("wrong value for {variable}: 1 to {MAX_COPIES} addresses"));
            }
        }
        let mut urls = self.queue_urls.iter().chain(&self.catalog_urls);
        if self.upstream_ca.is_none() && urls.any(|url| url.scheme_str() == Some("https")) {
            return Err("not set: ONSALE_UPSTREAM_CA (--upstream-ca), which https copies need".to_owned());
        }
        self.seats.check()?;
        self.identity.check()
    }
}

#[cfg(test)]
mod tests;
