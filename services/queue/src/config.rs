use std::{net::SocketAddr, time::Duration};

use clap::{Parser, Subcommand};
use onsale_process::{ProcessConfig, values::milliseconds};
use onsale_token::Keyring;
use secrecy::SecretString;

/// The waiting room: numbers, calls and sessions, on Redis, over gRPC.
#[derive(Parser, Clone, Debug)]
#[command(name = "onsale-queue", version)]
pub struct Config {
    /// What to do; to serve unless told otherwise
    #[command(subcommand)]
    pub task: Option<Task>,

    /// Where to serve gRPC
    #[arg(long, env = "ONSALE_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,

    /// Redis, such as `redis://127.0.0.1:6379`; also `rediss:`, `redis-cluster:` and `redis-sentinel:`
    #[arg(long, env = "ONSALE_REDIS_URL", hide_env_values = true)]
    pub redis_url: SecretString,

    /// How long a command to Redis may take at most, in milliseconds
    #[arg(long = "redis-timeout-ms", env = "ONSALE_REDIS_TIMEOUT_MS", default_value = "1000", value_parser = milliseconds)]
    pub redis_timeout: Duration,

    /// Keys of queue tokens, as `kid:base64,kid:base64`, of 32 bytes or more; the first signs, all check
    #[arg(long, env = "ONSALE_TOKEN_KEYS", hide_env_values = true)]
    pub token_keys: SecretString,

    /// How long a queue token is accepted after it was made, in hours
    #[arg(long, env = "ONSALE_TOKEN_MAX_AGE_HOURS", default_value_t = 72, value_parser = clap::value_parser!(u64).range(1..=8760))]
    pub token_max_age_hours: u64,

    /// How many calls may be in flight; more are refused at once
    #[arg(long, env = "ONSALE_CALLS_AT_ONCE", default_value_t = 8192, value_parser = clap::value_parser!(u32).range(1..))]
    pub calls_at_once: u32,

    /// How long a call may take at most, in milliseconds, whatever its caller allows
    #[arg(long = "call-timeout-ms", env = "ONSALE_CALL_TIMEOUT_MS", default_value = "3000", value_parser = milliseconds)]
    pub call_timeout: Duration,

    /// What every program has.
    #[command(flatten)]
    pub process: ProcessConfig,
}

/// What the program is started for.
#[derive(Subcommand, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Serve the rooms over gRPC until told to stop
    Serve,
    /// Look whether every room in Redis is as it has to be, print what was found, one JSON object an invariant, and
    /// end; with failure where something is broken. Reads every user's record
    Check,
}

impl Config {
    /// The keys that tokens are signed and checked with.
    ///
    /// # Errors
    /// The list cannot be used; the text does not repeat it.
    pub fn keyring(&self) -> Result<Keyring, String> {
        Keyring::parse(&self.token_keys, Duration::from_hours(self.token_max_age_hours))
            .map_err(|error| format!("wrong value for ONSALE_TOKEN_KEYS: {error}"))
    }
}

impl onsale_process::Config for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }

    fn check(&self) -> Result<(), String> {
        self.keyring().map(drop)
    }
}
