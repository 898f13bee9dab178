use std::{convert::Infallible, path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, ValueEnum};
use onsale_process::values::seconds;
use reqwest::Url;

/// How the gateway learns who joins.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Identity")]
pub struct IdentityConfig {
    /// Whether to take the `userId` of a join as given, or to require the user's own access token
    #[arg(long = "identity", env = "ONSALE_IDENTITY", value_enum, default_value_t = IdentityMode::Trusted)]
    pub mode: IdentityMode,

    /// Where the issuer's keys are, a JSON Web Key Set: a file or an http(s) address
    #[arg(long, env = "ONSALE_JWKS")]
    pub jwks: Option<JwksSource>,

    /// The issuer of access tokens, exactly as in their `iss`
    #[arg(long, env = "ONSALE_JWKS_ISSUER")]
    pub jwks_issuer: Option<String>,

    /// The audience that an access token must be for
    #[arg(long, env = "ONSALE_JWKS_AUDIENCE")]
    pub jwks_audience: Option<String>,

    /// How often to read the issuer's keys again, in seconds
    #[arg(long = "jwks-refresh-seconds", env = "ONSALE_JWKS_REFRESH_SECONDS", default_value = "300", value_parser = seconds)]
    pub jwks_refresh: Duration,

    /// How long to go on with the keys read last when they cannot be read again, in seconds
    #[arg(long = "jwks-max-age-seconds", env = "ONSALE_JWKS_MAX_AGE_SECONDS", default_value = "86400", value_parser = seconds)]
    pub jwks_max_age: Duration,
}

/// Whose word the gateway takes for who a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IdentityMode {
    /// The caller's: for a gateway that only the site's own backend reaches, and for trying out.
    Trusted,
    /// The issuer's, by an access token whose `sub` is the user.
    Jwks,
}

/// Where a JSON Web Key Set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwksSource {
    /// In a file.
    File(PathBuf),
    /// At an http or https address.
    Address(Url),
}

impl FromStr for JwksSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let address = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        Ok(address.map_or_else(|| Self::File(PathBuf::from(text)), Self::Address))
    }
}

impl Default for IdentityConfig {
    /// What the environment variables default to.
    fn default() -> Self {
        Self {
            mode: IdentityMode::Trusted,
            jwks: None,
            jwks_issuer: None,
            jwks_audience: None,
            jwks_refresh: Duration::from_mins(5),
            jwks_max_age: Duration::from_hours(24),
        }
    }
}

impl IdentityConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.mode == IdentityMode::Trusted {
            return Ok(());
        }
        let missing = [
            ("ONSALE_JWKS (--jwks)", self.jwks.is_none()),
            ("ONSALE_JWKS_ISSUER (--jwks-issuer)", self.jwks_issuer.is_none()),
            ("ONSALE_JWKS_AUDIENCE (--jwks-audience)", self.jwks_audience.is_none()),
        ];
        match missing.into_iter().find(|(_, is_missing)| *is_missing) {
            Some((variable, _)) => Err(format!("not set: {variable}, which identity = jwks needs")),
            None => Ok(()),
        }
    }
}
