use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use onsale_process::Condition;
use onsale_token::UserId;
use tokio::{sync::Mutex, time::sleep};

use crate::{
    config::{IdentityConfig, JwksSource},
    identity::{
        IdentityError, SourceError,
        key_set::{Expectations, KeySet, Refused},
        source::Source,
    },
};

/// A token of an unknown key makes the keys be read again, but not more often than this: anybody can make one.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(10);
/// Keys that were never read are tried for this often.
const FIRST_KEYS_PAUSE: Duration = Duration::from_secs(2);

/// Checks access tokens with the keys of an issuer, and keeps these up to date.
pub(crate) struct Jwks {
    source: Source,
    expected: Expectations,
    keys: ArcSwapOption<KeySet>,
    /// When the keys were asked for last; held while they are, so that one asks for all.
    asked: Mutex<Option<Instant>>,
    refresh: Duration,
    max_age: Duration,
}

impl Jwks {
    pub(super) fn new(config: &IdentityConfig, source: JwksSource) -> Result<Self, SourceError> {
        let (issuer, audience) = (config.jwks_issuer.clone(), config.jwks_audience.clone());
        let (Some(issuer), Some(audience)) = (issuer, audience) else { return Err(SourceError::Unnamed) };
        Ok(Self {
            source: Source::new(source)?,
            expected: Expectations::new(issuer, audience),
            keys: ArcSwapOption::empty(),
            asked: Mutex::new(None),
            refresh: config.jwks_refresh,
            max_age: config.jwks_max_age,
        })
    }

    /// Whom an access token names.
    pub(super) async fn user(&self, token: &str) -> Result<UserId, IdentityError> {
        let keys = self.usable_keys().ok_or(IdentityError::Unavailable)?;
        match keys.user(token, &self.expected) {
            Ok(user) => Ok(user),
            Err(Refused::Invalid) => Err(IdentityError::TokenInvalid),
            Err(Refused::UnknownKey) => self.user_of_new_key(token, keys.read_at).await,
        }
    }

    /// The issuer may have a new key.
    async fn user_of_new_key(&self, token: &str, known_since: Instant) -> Result<UserId, IdentityError> {
        self.refresh_once_since(known_since).await;
        let keys = self.usable_keys().ok_or(IdentityError::Unavailable)?;
        keys.user(token, &self.expected).map_err(|_| IdentityError::TokenInvalid)
    }

    fn usable_keys(&self) -> Option<Arc<KeySet>> {
        self.keys.load_full().filter(|keys| keys.read_at.elapsed() <= self.max_age)
    }

    /// Reads the keys again, unless somebody else just did or tried.
    async fn refresh_once_since(&self, known_since: Instant) {
        let mut asked = self.asked.lock().await;
        let is_news = self.keys.load().as_ref().is_some_and(|keys| keys.read_at > known_since);
        let too_soon = asked.is_some_and(|asked| asked.elapsed() < UNKNOWN_KEY_PAUSE);
        if is_news || too_soon {
            return;
        }
        *asked = Some(Instant::now());
        if let Err(error) = self.read().await {
            tracing::warn!(%error, "the issuer's keys are not read");
        }
    }

    /// Reads the keys. Those read before stay when it does not work.
    pub(super) async fn refresh(&self) -> Result<(), SourceError> {
        let _alone = self.asked.lock().await;
        self.read().await
    }

    async fn read(&self) -> Result<(), SourceError> {
        let read_at = Instant::now();
        let keys = KeySet::parse(&self.source.read().await?, read_at)?;
        self.keys.store(Some(Arc::new(keys)));
        Ok(())
    }

    /// Reads the keys now and then; never ends. `ready` is met while there are keys to check with.
    pub(crate) async fn keep_fresh(self: Arc<Self>, ready: Condition) {
        loop {
            match self.usable_keys() {
                Some(_) => ready.ready(),
                None => ready.unready("the issuer's keys are not known"),
            }
            sleep(if self.usable_keys().is_some() { self.refresh } else { FIRST_KEYS_PAUSE }).await;
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "the issuer's keys are not read");
            }
        }
    }
}
