use std::time::Duration;

use axum::http::HeaderValue;
use clap::Args;
use onsale_process::values::{milliseconds, seconds};

use super::values::origin;

/// Bounds and intervals.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitsConfig {
    /// How long a request may take, in milliseconds
    #[arg(long = "request-timeout-ms", env = "ONSALE_REQUEST_TIMEOUT_MS", default_value = "5000", value_parser = milliseconds)]
    pub request_timeout: Duration,

    /// How long a call to a service may take, its retry included, in milliseconds
    #[arg(long = "call-timeout-ms", env = "ONSALE_CALL_TIMEOUT_MS", default_value = "2000", value_parser = milliseconds)]
    pub call_timeout: Duration,

    /// How long most joins may take, in milliseconds; where most take longer, fewer are let in at once
    #[arg(long = "join-target-ms", env = "ONSALE_JOIN_TARGET_MS", default_value = "1000", value_parser = milliseconds)]
    pub join_target: Duration,

    /// How long most requests about holds and sales may take, in milliseconds; where most take longer, fewer are let in at once
    #[arg(long = "sale-target-ms", env = "ONSALE_SALE_TARGET_MS", default_value = "100", value_parser = milliseconds)]
    pub sale_target: Duration,

    /// How many requests may be in flight; more are told to come back
    #[arg(long, env = "ONSALE_MAX_IN_FLIGHT", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_in_flight: u32,

    /// How long a request's body may be, in bytes
    #[arg(long, env = "ONSALE_MAX_BODY_BYTES", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_body_bytes: u32,

    /// How many requests a second one client may make; 0 for as many as it likes
    #[arg(long, env = "ONSALE_RATE_LIMIT_PER_SECOND", default_value_t = 0)]
    pub rate_limit_per_second: u32,

    /// How many requests one client may make at once after a lull
    #[arg(long, env = "ONSALE_RATE_LIMIT_BURST", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate_limit_burst: u32,

    /// How many proxies in front add to X-Forwarded-For; with 0 the peer's address is the client
    #[arg(long, env = "ONSALE_TRUSTED_HOPS", default_value_t = 0)]
    pub trusted_hops: u8,

    /// The origins that browsers may call from, separated by commas, or `*`; without it none but the gateway's own
    #[arg(long, env = "ONSALE_CORS_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<HeaderValue>,

    /// How often to fetch the rooms' views, in milliseconds
    #[arg(long = "sync-interval-ms", env = "ONSALE_SYNC_INTERVAL_MS", default_value = "200", value_parser = milliseconds)]
    pub sync_interval: Duration,

    /// From which age on an answer from the views is marked stale, in milliseconds
    #[arg(long = "stale-after-ms", env = "ONSALE_STALE_AFTER_MS", default_value = "2000", value_parser = milliseconds)]
    pub stale_after: Duration,

    /// How old a view may be at most to answer those who wait, in seconds
    #[arg(long = "view-max-age-seconds", env = "ONSALE_VIEW_MAX_AGE_SECONDS", default_value = "600", value_parser = seconds)]
    pub view_max_age: Duration,

    /// How many told sessions to remember at most
    #[arg(long, env = "ONSALE_REMEMBERED_SESSIONS", default_value_t = 1_000_000)]
    pub remembered_sessions: u64,

    /// How often to ask the services whether they serve, in milliseconds
    #[arg(long = "health-interval-ms", env = "ONSALE_HEALTH_INTERVAL_MS", default_value = "500", value_parser = milliseconds)]
    pub health_interval: Duration,
}

impl Default for LimitsConfig {
    /// What the environment variables default to.
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(2),
            join_target: Duration::from_secs(1),
            sale_target: Duration::from_millis(100),
            max_in_flight: 10_000,
            max_body_bytes: 16_384,
            rate_limit_per_second: 0,
            rate_limit_burst: 100,
            trusted_hops: 0,
            cors_origins: Vec::new(),
            sync_interval: Duration::from_millis(200),
            stale_after: Duration::from_secs(2),
            view_max_age: Duration::from_mins(10),
            remembered_sessions: 1_000_000,
            health_interval: Duration::from_millis(500),
        }
    }
}
